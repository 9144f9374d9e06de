"""`synchro dpo-sheet` and `synchro register`: PDF documents in French, from the contracts and the register.

The page is made by Typst with the fonts it carries: no network, no fonts of the machine, no clock. The same
contracts give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import typst

from synchro.contracts import ExtractContract, OperatorContract, load_contracts
from synchro.errors import ContractError, SynchroError
from synchro.fields import Field, fields_of
from synchro.files import write_document
from synchro.register import load_register
from synchro.settings import Settings
from synchro.template_notice import SCOPES

_PAGES = Path(__file__).with_name("pages")


def write_dpo_sheet(settings: Settings, operator: str, out: Path | None = None, on: date | None = None) -> Path:
    """The summary for one operator's data protection officer, dated `on` if a date is given; returns its path.

    Raises SynchroError: OPERATOR (no such contract), CONTRACT (a rubric or a purpose is missing), WRITE.
    """
    contracts = load_contracts(settings.project_dir)
    if operator not in contracts:
        raise SynchroError("OPERATOR", "opérateur sans contrat", operator, f"choisir parmi : {', '.join(contracts)}")
    content = _content(settings, [contracts[operator]], on)
    return _compile("fiche_dpo.typ", content, out or settings.project_dir / "documents" / f"fiche_dpo_{operator}.pdf")


def write_register(settings: Settings, out: Path | None = None, on: date | None = None) -> Path:
    """The record of processing (RGPD, art. 30) with every operator; as `write_dpo_sheet` for the rest."""
    content = _content(settings, load_contracts(settings.project_dir).values(), on)
    return _compile("registre.typ", content, out or settings.project_dir / "documents" / "registre.pdf")


def _content(settings: Settings, contracts: Iterable[OperatorContract], on: date | None) -> dict[str, Any]:
    """What the pages read."""
    aipd = settings.variables.get("aipd_reference")
    register = load_register(settings.project_dir, is_real=aipd is not None)
    return {
        "register": register.model_dump(),
        "aipd": aipd,
        "date": f"{on:%d/%m/%Y}" if on else None,
        "operators": [_operator(contract, settings.project_dir) for contract in contracts],
    }


def _operator(contract: OperatorContract, project_dir: Path) -> dict[str, Any]:
    agreement = contract.agreement
    if contract.territory_role is None:
        where = f"{contract.path.relative_to(project_dir)}, clé `territory_role`"
        raise ContractError("rôle de l'opérateur absent", where, "le dire en une phrase")
    return {
        "label": contract.label,
        "role": contract.territory_role,
        "agreement": agreement.reference,
        "signed_on": f"{agreement.signed_on:%d/%m/%Y}" if agreement.signed_on else None,
        "agreements": {code: other.reference for code, other in contract.agreements.items()},
        "extracts": [_extract(extract, project_dir) for extract in contract.extracts.values()],
    }


def _extract(extract: ExtractContract, project_dir: Path) -> dict[str, Any]:
    return {
        "label": extract.label or extract.name,
        "purpose": extract.purpose,
        "scope": SCOPES[extract.scope],
        "due_day": extract.due_day,
        "retention_months": extract.retention_months,
        "columns": _alike(fields_of(extract, project_dir), extract),
        "ignored": [column.header for column in extract.columns if column.role == "ignored"],
    }


def _alike(fields: list[Field], extract: ExtractContract) -> list[dict[str, Any]]:
    """Columns of one category, purpose, treatment and retention on one line."""
    lines: dict[tuple[Any, ...], list[str]] = {}
    for field in fields:
        column = field.column
        key = (field.category, column.purpose, field.treatment, column.retention_months)
        lines.setdefault(key, []).append(column.header)
    return [
        {
            "headers": headers,
            "category": category,
            "purpose": purpose,
            "treatment": treatment,
            # Said apart where it is not the extract's.
            "retention_months": months if months != extract.retention_months else None,
        }
        for (category, purpose, treatment, months), headers in lines.items()
    ]


def _compile(page: str, content: dict[str, Any], path: Path) -> Path:
    """Write one document whole, or leave what was there."""
    data = {"data": json.dumps(content, ensure_ascii=False)}
    pdf = typst.compile(_PAGES / page, root=_PAGES, sys_inputs=data, ignore_system_fonts=True)
    write_document(path, pdf)
    return path
