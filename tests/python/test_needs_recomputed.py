"""Profiles, needs, opportunities and follow-up computed a second time in pandas, from compiled and harmonised tables.

Nothing here reads an indicator to compute it: a month's rows are made by other means, then compared with the mart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import duckdb
import pandas as pd
import pytest

from conftest import PROJECT, Territory

RESERVED = ("unknown", "unmapped", "not_collected")
LIVE = ("incomplete", "submitted", "waiting", "oriented", "offered")
OUTCOMES = ("answered_as_needed", "answered_otherwise", "refused", "closed")
HOUSING = ("ordinary_housing", "supported_ordinary_housing")
SHELTERS = ("emergency_shelter", "hotel", "transitional_shelter")


@dataclass
class Tables:
    """Tables of the built territory as frames, and the month that is computed again: the last one."""

    connection: duckdb.DuckDBPyConnection

    def read(self, name: str, where: str = "true") -> pd.DataFrame:
        return self.connection.sql(f"select * from {name} where {where}").df()

    @cached_property
    def months(self) -> list[pd.Timestamp]:
        return sorted(self.read("compiled.dim_months", "not is_opening")["reference_month"])

    @property
    def month(self) -> pd.Timestamp:
        return self.months[-1]

    @cached_property
    def person_months(self) -> pd.DataFrame:
        return self.read("compiled.fct_person_months")

    @cached_property
    def listed(self) -> pd.DataFrame:
        return self.read("compiled.compiled_list", f"reference_month = '{self.month:%Y-%m-%d}'").set_index(
            "person_id"
        )

    @cached_property
    def responses(self) -> set[tuple[str, str]]:
        seed = pd.read_csv(PROJECT / "seeds/steering/need_responses.csv")
        return set(seed.itertuples(index=False, name=None))

    @cached_property
    def requests(self) -> dict[tuple[pd.Timestamp, tuple], dict]:
        """The household requests that each month's extracts list: (month, request) -> what is said of it."""
        rows = self.read("harmonised.hrm_requests").merge(
            self.read("compiled.bridge_person_records")[["record_id", "person_id"]], on="record_id"
        )
        first_months = rows.groupby("operator")["reference_month"].min()
        own = {
            (row.person_id, row.reference_month): row
            for row in self.person_months.itertuples()
            if row.reference_month in set(rows["reference_month"])
        }
        listed: dict[tuple[pd.Timestamp, tuple], dict] = {}
        for row in sorted(rows.to_dict("records"), key=_says_least_first):
            household = row["household_record_id"]
            key = (row["operator"], row["record_id"] if pd.isna(household) else household, row["request_date"])
            before = listed.get((row["reference_month"], key), {"persons": set()})
            person = own.get((row["person_id"], row["reference_month"]))
            need = row["need"]
            if need in RESERVED and row["request_kind"] == "priority_housing":
                need = "ordinary_housing"
            listed[row["reference_month"], key] = row | {
                "need": need,
                "is_recommended": row["need"] not in RESERVED,
                "persons": before["persons"] | {row["person_id"]},
                "household": person.household_id if person else row["person_id"],
                "situation": person.situation if person else None,
                "is_live": row["status"] in LIVE,
                "is_old": row["request_date"] < first_months[row["operator"]],
            }
        return listed

    def in_month(self, month: pd.Timestamp) -> dict[tuple, dict]:
        return {key: request for (listed, key), request in self.requests.items() if listed == month}

    def came(self, month: pd.Timestamp) -> dict[tuple, dict]:
        """Requests first listed this month, and not there before the operator's first list."""
        earlier = {key for listed, key in self.requests if listed < month}
        return {key: r for key, r in self.in_month(month).items() if key not in earlier and not r["is_old"]}

    def outcomes(self, month: pd.Timestamp) -> dict[str, tuple[str, str, str]]:
        """Household -> its best outcome in the month, the need of that request and the reason of refusal."""
        came = self.came(month)
        before = max((listed for listed, _ in self.requests if listed < month), default=None)
        best: dict[str, tuple[int, tuple, str, str]] = {}
        for key, request in self.in_month(month).items():
            was_live = key in came or self.requests.get((before, key), {"is_live": False})["is_live"]
            if request["is_live"] or not was_live:
                continue
            rank = OUTCOMES.index(self._outcome(request))
            if request["household"] not in best or rank < best[request["household"]][0]:
                best[request["household"]] = (rank, key, request["need"], request["refusal_reason"])
        return {household: (OUTCOMES[rank], need, why) for household, (rank, _, need, why) in best.items()}

    def _outcome(self, request: dict) -> str:
        if request["status"] in ("admitted", "rehoused"):
            given = "own_housing" if request["status"] == "rehoused" else request["situation"]
            return "answered_as_needed" if (request["need"], given) in self.responses else "answered_otherwise"
        return "refused" if request["status"] == "refused" else "closed"

    @cached_property
    def waiting(self) -> dict[str, dict]:
        """Household -> the request that says what it waits for at the end of the month."""
        waiting: dict[str, dict] = {}
        live = [request for request in self.in_month(self.month).values() if request["is_live"]]
        for request in sorted(
            live, key=lambda r: (r["need"] not in RESERVED, r["is_recommended"], r["request_date"])
        ):
            waiting[request["household"]] = request
        return waiting

    def latest_live(self, kind: str) -> dict[str, dict]:
        """Household -> its latest live request of a kind."""
        live = [r for r in self.in_month(self.month).values() if r["is_live"] and r["request_kind"] == kind]
        return {request["household"]: request for request in sorted(live, key=lambda r: r["request_date"])}


def _says_least_first(row: dict) -> tuple:
    return (
        row["status"] not in RESERVED,
        row["need"] not in RESERVED,
        row["received_at"],
        row["request_listing_id"],
    )


@pytest.fixture(scope="module")
def tables(territory: Territory) -> Tables:
    return Tables(duckdb.connect(str(territory.settings.warehouse), read_only=True))


def _mart(tables: Tables, name: str) -> pd.DataFrame:
    return tables.read(f"indicators.{name}", f"reference_month = '{tables.month:%Y-%m-%d}'")


def test_profiles(tables: Tables) -> None:
    persons = tables.person_months.query("is_active and reference_month == @tables.month")
    households = tables.read("compiled.fct_household_months", "is_active")
    households = households[households["reference_month"] == tables.month]
    mart = _mart(tables, "ind_profiles").query("active_count > 0")
    assert set(mart["unit"]) == {"person", "household"}
    for unit, frame in (("person", persons), ("household", households)):
        for axis, crossed in (("total", "total"), ("situation", "total"), ("household_type", "situation")):
            found = mart[mart["unit"] == unit].query("segment_type == @axis and crossed_type == @crossed")
            keys = [frame[name] if name != "total" else pd.Series("total", frame.index) for name in (axis, crossed)]
            expected = frame.groupby(keys).size()
            counted = found.set_index(["segment", "crossed_segment"])["active_count"]
            assert counted.to_dict() == expected.to_dict()
            assert set(found["denominator"]) == {len(frame)}
            assert found["active_share"].sum() == pytest.approx(1)
    crossed = mart.query("segment_type == 'age_band' and crossed_type == 'sex'")
    expected = persons.groupby(["age_band", "sex"]).size()
    assert crossed.set_index(["segment", "crossed_segment"])["active_count"].to_dict() == expected.to_dict()


def test_needs(tables: Tables) -> None:
    mart = _mart(tables, "ind_needs_by_segment").query("segment_type == 'total'").set_index("need")
    month_end = tables.month + pd.offsets.MonthEnd(0)
    active = set(tables.listed.index)
    waiting = pd.DataFrame(
        [
            {
                "need": request["need"],
                "persons": len(request["persons"]),
                "days": (month_end - request["request_date"]).days,
                "is_without_home": request["person_id"] in active,
            }
            for request in tables.waiting.values()
        ]
    )
    came, outcomes = tables.came(tables.month), tables.outcomes(tables.month)
    assert len(waiting) > 10
    assert came
    assert outcomes
    for need, row in mart.iterrows():
        mine = waiting if need == "total" else waiting[waiting["need"] == need]
        assert row["waiting"] == len(mine)
        assert row["persons_waiting"] == mine["persons"].sum()
        assert row["waiting_without_home"] == mine["is_without_home"].sum()
        assert row["median_wait_days"] == pytest.approx(mine["days"].median(), nan_ok=True)
        assert row["new_requests"] == len({r["household"] for r in came.values() if need in ("total", r["need"])})
        for outcome in OUTCOMES:
            mine = [1 for ended, of_need, _ in outcomes.values() if ended == outcome and need in ("total", of_need)]
            assert row[outcome] == len(mine)
        assert row["waiting_share"] == pytest.approx(row["waiting"] / len(waiting))


def test_the_list_says_the_need_that_is_counted(tables: Tables) -> None:
    said = tables.listed.set_index("household_id")["need"].dropna().to_dict()
    listed = set(tables.listed["household_id"])
    assert len(said) > 10
    assert said == {
        household: request["need"]
        for household, request in tables.waiting.items()
        if household in listed and request["need"] not in RESERVED
    }


def test_needs_by_size_of_dwelling(tables: Tables) -> None:
    mart = _mart(tables, "ind_needs_by_segment").query("segment_type == 'typology_wished' and need == 'total'")
    sizes = {
        household: request["typology"]
        for household, request in tables.latest_live("priority_housing").items()
        if request["typology"] not in RESERVED
    }
    expected = pd.Series([sizes.get(household, "unknown") for household in tables.waiting]).value_counts()
    assert len(expected) > 1
    assert mart.query("waiting > 0").set_index("segment")["waiting"].to_dict() == expected.to_dict()


def test_places_and_paces(tables: Tables) -> None:
    mart = _mart(tables, "ind_needs_responses").set_index("need")
    capacities = tables.read("harmonised.hrm_capacities")
    capacities = capacities[capacities["reference_month"] == tables.month]
    stays = tables.read("compiled.fct_stays")
    entered = stays[stays["entry_date"] >= tables.month]
    households = tables.person_months.query("reference_month == @tables.month").set_index("person_id")["household_id"]
    for need in ("ordinary_housing", "emergency_shelter", "total"):
        kinds = {situation for of_need, situation in tables.responses if need in ("total", of_need)}
        mine = capacities[capacities["situation"].isin(kinds)]
        row = mart.loc[need]
        assert row["places"] == mine["places"].sum() > 0
        assert row["occupancy"] == pytest.approx(mine["places_occupied"].sum() / mine["places"].sum())
        assert row["places_vacant"] == (mine["places"] - mine["places_occupied"]).clip(lower=0).sum()
        persons = entered[entered["situation"].isin(kinds)]["person_id"]
        assert row["openings"] == households[households.index.isin(persons)].nunique()
        answered = [
            sum(outcome == "answered_as_needed" and need in ("total", of_need) for outcome, of_need, _ in ended)
            for ended in (tables.outcomes(month).values() for month in tables.months[-3:])
        ]
        assert row["pace_3_months"] == pytest.approx(sum(answered) / 3)
        if sum(answered):
            assert row["months_to_absorb_at_3_months_pace"] == pytest.approx(row["waiting"] * 3 / sum(answered))
        assert row["pace_to_absorb_in_12_months"] == pytest.approx(row["waiting"] / 12)
        # Six months are too few for a pace of twelve: not known is not zero.
        assert pd.isna(row["pace_12_months"])
        assert pd.isna(row["gap"])


def test_refusals(tables: Tables) -> None:
    every = tables.read("indicators.ind_refusals", "need = 'total' and refused > 0")
    expected = {
        (month, why): sum(outcome == "refused" and why in ("total", reason) for outcome, _, reason in ended)
        for month in tables.months
        for ended in [tables.outcomes(month).values()]
        for why in {"total", *(reason for outcome, _, reason in ended if outcome == "refused")}
    }
    expected = {key: count for key, count in expected.items() if count}
    assert expected
    assert every.set_index(["reference_month", "refusal_reason"])["refused"].to_dict() == expected
    ended = {month: len(tables.outcomes(month)) for month in tables.months}
    assert all(ended[row.reference_month] == row.denominator for row in every.itertuples())


def _sheltered_since(tables: Tables, kinds: tuple[str, ...]) -> dict[str, pd.Timestamp]:
    """Person -> first day of the run of stays, less than a week apart, that covers the month's end."""
    month_end = tables.month + pd.offsets.MonthEnd(0)
    stays = tables.read("compiled.fct_stays")
    since = {}
    for person, mine in stays[stays["situation"].isin(kinds)].groupby("person_id"):
        start = until = None
        for stay in mine.sort_values(["entry_date", "covered_until"]).itertuples():
            if until is None or stay.entry_date > until + pd.Timedelta(days=7):
                if until is not None and start <= month_end <= until:
                    break
                start, until = stay.entry_date, stay.covered_until
            until = max(until, stay.covered_until)
        if start <= month_end <= until:
            since[person] = start
    return since


def _back_from_housing(tables: Tables) -> dict[str, tuple[int, int]]:
    """Person -> months housed before the present return, and months since it."""
    found = {}
    for person, mine in tables.person_months.sort_values("reference_month").groupby("person_id"):
        housed = back = way_in = None
        for row in mine.itertuples():
            if row.status == "housed" and row.was_active:
                housed = row.reference_month
            if isinstance(row.inflow_type, str):
                back, way_in = row.reference_month, row.inflow_type
        if way_in == "returned_from_housing" and housed is not None:
            found[person] = (_months(housed, back), _months(back, tables.month))
    return found


def _months(start: pd.Timestamp, end: pd.Timestamp) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def test_opportunities(tables: Tables) -> None:
    month_end = tables.month + pd.offsets.MonthEnd(0)
    siao, priority = tables.latest_live("siao_insertion"), tables.latest_live("priority_housing")
    sheltered = _sheltered_since(tables, SHELTERS)
    same = {kind: _sheltered_since(tables, (kind,)) for kind in ("emergency_shelter", "hotel")}
    back = _back_from_housing(tables)
    capacities = tables.read("harmonised.hrm_capacities")
    capacities = capacities[capacities["reference_month"] == tables.month]
    free = (capacities["places"] - capacities["places_occupied"]).clip(lower=0).groupby(capacities["situation"]).sum()

    def age(day: pd.Timestamp | None) -> int:
        return (month_end - day).days if day is not None else -1

    def need(person: pd.Series) -> str | None:
        request = tables.waiting.get(person.household_id)
        return request["need"] if request else None

    def asked(person: pd.Series, column: str) -> object:
        return siao.get(person.household_id, {}).get(column)

    def updated(person: pd.Series) -> pd.Timestamp | None:
        day = asked(person, "updated_date")
        return asked(person, "request_date") if day is None or pd.isna(day) else day

    rules: dict[str, Callable[[pd.Series], bool]] = {
        "street_without_siao": lambda p: (
            p.situation in ("street", "squat_camp", "night_shelter") and p.household_id not in siao
        ),
        "request_not_updated": lambda p: age(updated(p)) >= 90,
        "protected_without_request": lambda p: (
            p.administrative_status == "protected"
            and p.situation == "asylum_accommodation"
            and p.household_id not in tables.waiting
        ),
        "ready_for_housing_in_shelter": lambda p: need(p) in HOUSING and age(sheltered.get(p.name)) + 1 >= 183,
        "priority_without_offer": lambda p: (
            priority.get(p.household_id, {}).get("status") == "waiting"
            and age(priority[p.household_id]["request_date"]) >= 183
        ),
        "toddler_on_street_or_hotel": lambda p: (
            p.has_child_under_3 and p.situation in ("street", "squat_camp", "hotel")
        ),
        "long_emergency_stay": lambda p: p.situation in same and age(same[p.situation].get(p.name)) + 1 >= 365,
        "back_within_six_months": lambda p: p.name in back and max(back[p.name]) <= 6,
        "young_out_of_child_welfare": lambda p: (
            p.age_band == "18_24" and asked(p, "reason") == "leaving_child_welfare"
        ),
        "institution_without_housing": lambda p: (
            p.situation == "institution_exit"
            or (asked(p, "reason") in ("leaving_hospital", "leaving_prison") and age(asked(p, "request_date")) <= 183)
        ),
        "vacant_places_for_need": lambda p: (
            sum(free.get(kind, 0) for of_need, kind in tables.responses if of_need == need(p)) >= 5
        ),
    }
    mart = _mart(tables, "ind_opportunities").set_index("rule")
    named = _mart(tables, "ind_opportunity_persons").groupby("rule")["person_id"].agg(set).to_dict()
    assert set(mart.index) == set(rules)
    for rule, holds in rules.items():
        expected = {person for person, row in tables.listed.iterrows() if holds(row)}
        assert named.get(rule, set()) == expected, rule
        assert mart.loc[rule, "persons"] == len(expected)
        assert mart.loc[rule, "households"] == tables.listed.loc[list(expected), "household_id"].nunique()
    assert set(mart["denominator_persons"]) == {len(tables.listed)}
    assert set(mart["denominator_households"]) == {tables.listed["household_id"].nunique()}
    assert (mart["persons"] > 0).sum() >= 6


def test_programme(tables: Tables) -> None:
    seeds = PROJECT / "seeds/steering"
    deliverables = pd.read_csv(seeds / "deliverables.csv", parse_dates=["due_date", "done_date"])
    funding = pd.read_csv(seeds / "funding.csv", parse_dates=["month"])
    month_end = tables.month + pd.offsets.MonthEnd(0)
    mart = _mart(tables, "ind_programme").set_index("phase")
    for phase, row in mart.iterrows():
        mine = deliverables if phase == "total" else deliverables[deliverables["phase"] == phase]
        done, due = mine["done_date"] <= month_end, mine["due_date"] <= month_end
        assert (row["deliverables"], row["deliverables_done"], row["deliverables_late"]) == (
            len(mine),
            done.sum(),
            (due & ~done).sum(),
        )
        money = funding if phase == "total" else funding[funding["phase"] == phase]
        assert row["planned_eur"] == money["planned_eur"].sum()
        assert row["spent_eur"] == money[money["month"] <= tables.month]["spent_eur"].sum()
    late = _mart(tables, "ind_deliverables").set_index("deliverable")["days_late"]
    assert late["impact_assessment"] == 28
    assert late["data_map"] == 0
