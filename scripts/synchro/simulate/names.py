"""Synthetic names, by origin: real first syllables and endings, so that spellings look and fail like true ones.

A share of the names comes from short lists of frequent names (two persons may well bear the same), the rest
is composed of syllables: a long tail in which nearly every name is rare. No list is of real persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# Share of persons whose name comes from the short list; the others have a composed name.
LISTED_SHARE = 0.62
DOUBLE_LAST_SHARE = {"french": 0.04, "other_europe": 0.05}
DOUBLE_FIRST_SHARE = {"french": 0.09, "west_africa": 0.05}
# Married women who go by their husband's name; elsewhere women keep their own.
HUSBAND_NAME_SHARE = {"french": 0.75, "other_europe": 0.6, "balkan": 0.65, "maghreb": 0.25}


@dataclass(frozen=True)
class Pool:
    """Frequent names, most frequent first, and the syllables of the rare ones. `_` stands for a space."""

    listed: tuple[str, ...]
    starts: tuple[str, ...]
    middles: tuple[str, ...]
    ends: tuple[str, ...]


def _pool(listed: str, starts: str, middles: str, ends: str) -> Pool:
    """A pool from blank-separated words; `-` in the middles is no syllable at all."""
    spaced = tuple(word.replace("_", " ") for word in listed.split())
    return Pool(spaced, tuple(starts.split()), tuple(middles.replace("-", " - ").split()), tuple(ends.split()))


LAST_NAMES = {
    "french": _pool(
        "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel "
        "Garcia David Bertrand Roux Vincent Fournier Morel Girard André Lefèvre Mercier Dupont Lambert Bonnet "
        "François Martinez Legrand Garnier Faure Rousseau Blanc Guérin Muller Henry Roussel Nicolas Perrin "
        "Morin Mathieu Clément Gauthier Dumont Lopez Fontaine Chevalier Robin Masson Sanchez Gérard Nguyen "
        "Boyer Denis Lemaire Duval Joly Gautier Roger Roche Roy Noël Meyer Lucas Meunier Jean Perez Marchand "
        "Dufour Blanchard Marie Barbier Brun Dumas Brunet Schmitt Leroux Colas Fernandez Hubert Rolland "
        "Le_Goff De_Oliveira Guillaume Renaud Charpentier Vidal Bourgeois Pierron Poirier Cordier Thévenot "
        "Gauthey Bouvier Jacquemin Lagrange Seguin Chapuis Ravier Mouillon Bizouard Truchot Gagnepain Clerc",
        "Bar Ber Bon Bou Bre Car Chan Char Chau Cou Cham Da De Del Du Fau Fer Fon Gau Ger Gil Gou Gran Gui Ja "
        "Lam Lan Le Mar Mau Mon Mou Pel Per Pou Ram Ren Rol Sau Ser Tar Thi Tour Val Ver Vil Vau",
        "- - - - be bi bou cha de di do fe ga gi la le li lo ma mi na ne ni pe pi ra ri ro se ta ti va ve vi",
        "reau nier not quet lin nard lard det gnon mont ret zier val ville court teau gneux thier ron rin chon "
        "dot pin ssart llet rand veau gny delle net vin son mier nois let choux",
    ),
    "maghreb": _pool(
        "Benali Haddad Mansouri Bouzid Saidi Brahimi Belkacem Hamdi Cherif Amrani El_Amrani El_Idrissi Alaoui "
        "El_Alaoui Bennani Tahiri Ziani Khelifi Mebarki Bouaziz Slimani Larbi Rahmani Guerfi Ferhat Boudiaf "
        "Ould_Ali Ait_Ahmed Trabelsi Ben_Amor Ben_Salah Jaziri Gharbi Hammami Chaabane Messaoudi Zerrouki "
        "Bensaid Boukhari Djebbar Kaddour Lahlou Meziane Nasri Ouali Toumi Yahiaoui Zouaoui Chikhi Dahmani",
        "Abd Am As Ay Bel Ben Bou Bra Cha Che Dah Djel Fa Fer Gha Gue Ha Ham Ia Ka Khal Khe La Ma Me Mok Na Nou "
        "Oua Ra Rab Sa Sah Se Tah Ta Ya Za Zer Zou",
        "- - - ba bou cha da de di fa ha ka khe la le li lou ma me mou na ra ri sa se ta za",
        "ali oui ani aoui oudi amri ssi bri hri khi kri ddad ziz rif chir lil mar mane mani nane rane ri si ti "
        "bet dour djeb fik lah louf oud",
    ),
    "west_africa": _pool(
        "Diallo Traoré Coulibaly Diarra Keita Touré Camara Barry Bah Sow Sylla Cissé Koné Konaté Sidibé Sangaré "
        "Diakité Doumbia Fofana Kouyaté Dembélé Ouattara Kouassi Koffi Kouamé Yao N'Diaye N'Guessan Diop Fall "
        "Ba Sarr Gueye Sy Kanté Condé Bangoura Soumah Baldé Tounkara Sissoko Dramé Mensah Okafor Eze Balogun "
        "Adeyemi Mbaye Thiam Niang Bamba Zongo Ouédraogo Sawadogo Kaboré Ilunga Mukendi Kabongo Mbemba Makaya",
        "Ba Ban Bo Ca Cis Da Dem Dia Dja Do Dou Fa Fo Ga Go Gue Ka Kan Ke Kei Ko Kou Ma Mba Mou N'Da N'Go Na "
        "Nia Oua Oué Sa San Se Si So Sou Ta Tan Tou Tra Ya Za Zo",
        "- - - - ba da de dra fa ga ka ko kou la li lou ma na ni ra ri ssa so ta ya",
        "ré bé té lé né mé ra ba do go dji ko koro la li lly ma mba na ndé ngo ni nou nté oré ssa ssi ta to "
        "tou ya yo",
    ),
    "balkan": _pool(
        "Hoxha Krasniqi Gashi Berisha Shala Morina Bytyqi Rexhepi Hasani Thaqi Gjoka Leka Marku Prifti Shehu "
        "Dervishi Hysa Kola Petrovic Jovanovic Nikolic Markovic Stojanovic Ilic Pavlovic Mehmeti Osmani Salihu "
        "Zeqiri Limani Aliti Ramadani Bajrami Sulejmani Selimi Dimitrov Petrov Ivanov Popescu Ionescu Stan "
        "Ciobanu Munteanu Rusu Hamidovic Beganovic Halilovic Bislimi Ahmeti Kurti Haxhiu Beqiri",
        "Ba Be Bi Bra Da De Dra Du Fe Ga Gje Gjo Ha Hal Hy Ib Ja Ka Kra Ku La Le Lu Ma Me Mi Mu Ne Ni Os Pe Pre "
        "Ra Re Ru Sa Sel She Ste Su Sha Ta Ti Ve Vu Xhe Ze Zo",
        "- - - ba bi da de di ja ka ki la le li ma me mi na ni ra re ri sa ti va vi",
        "shi qi ri li ni ku jani novic kovic lovic sevic ska ti mi sha zi hu hi ju kaj laj naj raj taj nescu rescu",
    ),
    "afghan": _pool(
        "Ahmadi Rahimi Mohammadi Hosseini Karimi Rezai Noori Sharifi Ahmadzai Stanikzai Safi Hotak Zazai Amiri "
        "Akbari Haidari Nazari Jafari Alizada Hashimi Sadat Omari Habibi Azizi Popal Wardak Shinwari Mohmand "
        "Yousafzai Niazi Kakar Barakzai Faizi Qaderi Sultani Rasuli Mirzai Ebrahimi Hakimi Ghulami",
        "Ab Ah Ak Al Am An As Az Ba Da Eb Fa Ghu Ha Hai Ho Is Ja Ka Kha La Ma Mo Na No Om Qa Ra Re Sa Sha She "
        "So Sta Su Ta Wa Ya Yo Za",
        "- - - ba bi da di ha hi ka li ma mi na ni ra ri sa ta wa za",
        "madi himi rimi zai kzai dzai nzada rzada madzai bari dari zari mal war khel yar wal wani hani dullah mani",
    ),
    "horn_of_africa": _pool(
        "Abdi Ali Mohamed Ahmed Hassan Osman Ibrahim Adam Abdallah Ismail Yusuf Omar Farah Warsame Jama Tesfay "
        "Gebre Gebremedhin Haile Tekle Kidane Berhane Mehari Woldu Negash Bekele Tadesse Abraha Habte Kahsay "
        "Idris Suleiman Saleh Adem Nur Hussein Bashir Elmi Guled Duale Abdelkarim El_Tayeb Abakar Haroun Tigani",
        "Ab Ad Al Am As Ba Be Da De Du El Fa Fi Ga Ge Gu Ha Hai Id Is Ja Ka Ke Ki La Le Ma Me Mu Na Ne Os Ra Sa "
        "Se So Ta Te Tes Wa Wol Ya Yo Ze",
        "- - - ba be bre da de ga ha ka la le li ma me mi na ra sa sha ta",
        "di dan fay han hane hin kle lassie le mael mane mariam med medhin mes nesh rane ris same san sfa shir "
        "tay yohannes zghi wit",
    ),
    "other_europe": _pool(
        "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Rossi Russo Ferrari Esposito Bianchi Kowalski "
        "Nowak Wisniewski Kaminski Lewandowski Ivanova Kovalenko Shevchenko Bondarenko Tkachenko Melnyk "
        "Petrenko Sargsyan Grigoryan Hakobyan Harutyunyan Beridze Kapanadze Gelashvili Magomadov Dzhabrailov "
        "Akhmadov Gomez Fernandes Almeida Romano Marino Novak Horvat Kiss Nagy Szabo",
        "Ba Be Bo Bon Ca Da De Du Fe Ga Gri Gu Ha Iva Ka Ko Kov Kra Ku La Le Lo Ma Me Mi Mo Na No Pe Pet Ra Ro "
        "Sa Sar Se Sha She Sza Ta Te Va Vo Wa Wi Za",
        "- - - ba be bi da de di ga go ka ko la le li lo ma mi na ni no ra re ri ro sa ta te ti va vi",
        "renko chenko nov ski dze shvili yan syan ni ri lli no ra ro dez guez reira nes vic vak ta ti tti wicz "
        "czyk ov ova enko uk",
    ),
}

_EASTERN_MEN = (
    "Mohamed Ahmed Ali Youssef Karim Said Omar Rachid Mustapha Abdelkader Khaled Samir Nabil Hicham Brahim "
    "Hassan Farid Walid Djamel Mourad Bilal Ismail Redouane Toufik Yacine Anis Ilyes Zakaria Abdelhak Lakhdar"
)
_EASTERN_WOMEN = (
    "Fatima Khadija Aicha Nadia Samira Yasmina Fatiha Malika Naima Zohra Karima Houria Latifa Hafida Soumia "
    "Hanane Rachida Meriem Salma Amina Imane Leila Sara Djamila Ghizlane Zineb Nawel Kheira Souad"
)
FIRST_NAMES = {
    ("french", "male"): _pool(
        "Jean Michel Philippe Alain Patrick Nicolas Christophe Pierre Christian Éric Frédéric Laurent Stéphane "
        "David Pascal Daniel Julien Sébastien Thierry Olivier Kévin Alexandre Thomas Anthony Maxime Romain "
        "Bruno Jérôme Gilles Didier Franck Fabrice Mickaël Cédric Lucas Hugo Théo Enzo Dylan Jordan Benoît "
        "Rémi Loïc Guillaume Yves Francis Serge Hervé Ludovic Grégory Gérard Denis Joël Killian Nathan",
        "Al Ar Au Bas Be Cla Da De E Fa Flo Ga Ge Ja Jo Jus Ke Lé Li Lo Lu Ma Mar Mat Na No Oc Pas Ra Ro Sa "
        "Si Ti Va Vic Xa Yo Za",
        "- - - bi cé da di do go la li lo ma mi na ni ri ré si ta ti vi",
        "an ain dan ien in is ian lin mond nel ol on phe ric rien ric sien tien tin vin vier nault mien dric",
    ),
    ("french", "female"): _pool(
        "Marie Nathalie Isabelle Sylvie Catherine Martine Christine Françoise Valérie Sandrine Stéphanie "
        "Véronique Sophie Céline Chantal Patricia Anne Brigitte Julie Monique Aurélie Laetitia Émilie Virginie "
        "Camille Élodie Laura Mélanie Pauline Manon Léa Chloé Emma Sarah Jessica Cindy Océane Delphine Corinne "
        "Magali Karine Agnès Hélène Béatrice Jennifer Amandine Audrey Morgane Lucie Mathilde Justine Florence",
        "A Al An Au Ca Cé Cla Co Da Dé É El Fa Flo Ga Ge Hé I Ja Jo Ju La Lé Li Lo Lu Ma Mé Na No O Ro Sa So "
        "Sté Sy Va Vi Yo Zo",
        "- - - bi cé da di do li lo ma mi na ni ri ré si ta ti vi",
        "ane anne ée elle ène ette ia ie ienne ille ine ise lle lène na nne rie rine sa sie tte thée line lyne",
    ),
    ("maghreb", "male"): _pool(_EASTERN_MEN, "Ab Ad Ai Am An Ba Di Fa Fe Ha Hi Il Ja Ka Kha La Lo Ma Mo Na No Ra "
        "Re Ri Sa Sa So Ta Ya Za Zi", "- - ba di fa ha ka li ma mi na ra sa ya", "ane ib id if im in ir mil mir "
        "men ness nir rid rim sim tih zid zine ouane eddine"),
    ("maghreb", "female"): _pool(_EASTERN_WOMEN, "A Al Am As Ba Cha Di Dja Fa Fe Ha Hi I Ja Ka Khe La Li Ma Me "
        "Na No Ra Ri Sa Si So Ta Ya Za Zi", "- - ba di fa ha ka li ma mi na ra sa ya", "bra cha da dia fa ha ia "
        "ida ika ima ina ira lia mia na nia ra sma ssa tima zia"),
    ("west_africa", "male"): _pool(
        "Mamadou Ibrahima Moussa Amadou Ousmane Abdoulaye Alpha Boubacar Souleymane Lamine Cheick Oumar Issa "
        "Seydou Modibo Bakary Adama Drissa Yaya Sekou Fodé Thierno Aboubacar Kofi Kwame Emmanuel Junior Blaise "
        "Serge Aristide Patrice Pape Idrissa Daouda Demba Siaka Salif Karamoko Mory Lassana",
        "A Ba Bou Che Dao De Dja Fa Fo Ga I Ka Ko La Ma Mo Mou Nou Ou Pa Sa Se Si Sou Ta Tie Ya Za",
        "- - ba bou da di dri fa ka la ma ma mou na ra sa ssa ya",
        "bacar dou dy kary ko la lif lou ly madou mane mba mina ny rou sa ssa té tou ya ye",
    ),
    ("west_africa", "female"): _pool(
        "Fatoumata Aminata Mariam Aïssatou Kadiatou Awa Hawa Djénéba Oumou Rokia Fanta Bintou Ramata Assetou "
        "Nana Safiatou Mariama Adama Binta Aya Grace Esther Blessing Joy Mercy Gloria Ruth Clarisse Solange "
        "Salimata Habibatou Coumba Khady Ndeye Astou Sira Maimouna Hadja Nassira",
        "A Ai Ba Bi Cou Dja Fa Fan Ha Ka Kha Ma Mai Na Nia Ou Ra Ro Sa Sa Si Sou Ta Ya Za",
        "- - bi dia fa ka la li ma mi na ra sa ssa ya",
        "ba da dia diatou fa ka kia lia lou mata mina na nata né ra ssatou ta tou wa ya",
    ),
    ("balkan", "male"): _pool(
        "Arben Agim Besnik Dritan Ermal Fatmir Gezim Ilir Kujtim Luan Naim Petrit Skender Valon Blerim Driton "
        "Milan Dragan Zoran Goran Nikola Stefan Aleksandar Marko Ivan Florin Ion Marius Emir Samir Elvis Denis "
        "Bekim Shpend Burim Liridon Visar Mentor",
        "A Ar Ba Be Ble Da Dri E Er Fa Fla Ga Ge Il Ka Ku La Le Lu Ma Me Mi Na Ni Pe Ra Sa Ske Ta Va Vi Ze",
        "- - bi da di ja ka li ma mi na ri ti", "an ar ard bert dan don en fan gan gim im ir jan kim lav lin mir "
        "nik ton trit zim",
    ),
    ("balkan", "female"): _pool(
        "Arta Besa Drita Elira Fatmire Lindita Merita Shpresa Valbona Vjosa Teuta Mimoza Blerta Flutura Ana "
        "Maria Elena Jelena Milica Dragana Ivana Snezana Gordana Aferdita Kadrije Hatixhe Sanela Amra Selma "
        "Florentina Mihaela Violeta",
        "A Al Ar Be Ble Da Dri E El Fa Flu Gen Ja Ka Lin Lu Ma Me Mi Na Re Sa Shpre Ta Va Vje Ze",
        "- - bi da di ja ka li ma mi na ri ti", "bona da dita ela eta ije ina ira jana jeta la lina lora mira na "
        "nda nela ra sa ta tina",
    ),
    ("afghan", "male"): _pool(
        "Mohammad Ahmad Abdul Ali Hamid Zabihullah Najibullah Rahmatullah Habibullah Esmatullah Hedayatullah "
        "Sayed Jawad Mahdi Reza Farhad Nasir Qasim Sharif Noor Amanullah Asadullah Shafiq Wahid Naweed Sohail "
        "Mustafa Murtaza Ghulam Safiullah Zia Khalid Omid Idris Bashir",
        "Ab As Az Ba Eh Es Fa Fer Gha Ha He Im Ja Kha Ma Mu Na No Ob Om Qa Ra Ro Sa Sha Taj Wa Ya Za Zi",
        "- - ba bi da ha li ma mi na ra sa wa", "bullah dullah had him id ihullah im ir jan mal man matullah mir "
        "rullah shad siq tullah ud yar",
    ),
    ("afghan", "female"): _pool(
        "Zahra Fatima Maryam Shabnam Nargis Farida Laila Parwana Roya Shukria Zarmina Masuma Fereshta Nilofar "
        "Sahar Freshta Hamida Nasrin Mina Setara Khatera Marzia Rukhsar Bibi Gulalai Palwasha",
        "A Be Fa Far Fre Gul Ha Kha La Ma Mar Mi Na Ni Pa Pal Ra Ro Sa Se Sha Shu Su Ta Wa Za Zar Zi",
        "- - ba bi da ha li ma mi na ra sa wa", "bnam da far gis hra ida ima ina jan kria lai lofar mina na nda "
        "ra rin shta sha tera wana zia",
    ),
    ("horn_of_africa", "male"): _pool(
        "Abdi Mohamed Ahmed Abdirahman Yonas Samuel Filmon Tesfalem Dawit Mulugeta Kidane Robel Henok Yohannes "
        "Biniam Abel Hassan Mahad Liban Adan Ibrahim Adam Abdelaziz Mustafa Yasir Osman Bakhit Mubarak Temesgen "
        "Tedros Isaias Awet Natnael Haben Mebrahtu",
        "A Ab Ad Be Bi Da De E Fi Ga Ge Ha He I Ka Ki Li Ma Me Mu Na Ne Ro Sa Sha Ta Te Ya Yo Ze",
        "- - ba be da di ha li ma me mi na ra sa wa", "bel ban din dros fay han hari kob lem lom man mon nas niam "
        "nok rahman ron sar sgen wit zghi",
    ),
    ("horn_of_africa", "female"): _pool(
        "Amina Fatuma Hodan Sahra Halima Selam Saba Helen Rahel Feven Semhar Winta Mihret Tsega Letina Hiwot "
        "Meron Bethlehem Ayan Ifrah Nimo Zeinab Kaltuma Hawa Asha Luwam Eden Senait Abeba Almaz Genet Mulu",
        "A Al Be Bi E Fa Fe Ge Ha He Hi Ho I Ka Le Lu Ma Me Mi Na Ni Ra Ro Sa Se Sha Ta Tse Wi Ya Ze",
        "- - ba be da di ha li ma me mi na ra sa wa", "ba dan den dis hel hra hret ita lam len lima ma maz mhar "
        "nait net nta rah ret ron tina tuma ven wot",
    ),
    ("other_europe", "male"): _pool(
        "José Antonio Manuel João Carlos Luis Pedro Giuseppe Marco Andrea Piotr Krzysztof Tomasz Andrzej Igor "
        "Oleksandr Serhiy Dmytro Andriy Volodymyr Armen Hayk Gevorg Tigran Giorgi Levan Zurab Ruslan Aslan "
        "Zaur Magomed Viktor Yuri Sergei Miguel Rui Paulo Mircea Attila Zoltan",
        "A Al An Ar Be Bo Da De Du E Fe Ga Gi Ha I Ka Ko La Le Lu Ma Mi Na Ni O Pa Pe Ra Ro Ru Sa Se Ti Va Vi Ya Zu",
        "- - bi da di ka la li ma mi na ri ro ti vi", "bio cek do drei gor gran kus lan lav len mir mon nek nio "
        "rab rek ric rio rod sio slan slaw tin van vid zej",
    ),
    ("other_europe", "female"): _pool(
        "Maria Ana Carla Sofia Giulia Francesca Anna Katarzyna Agnieszka Malgorzata Olena Oksana Iryna Tetiana "
        "Natalia Svitlana Yulia Ani Lusine Gayane Anahit Nino Tamar Ketevan Zarema Madina Luiza Elena Irina "
        "Ludmila Isabel Teresa Cristina Paula Ewa Magdalena Eszter Judit",
        "A Al An Be Bo Da Di E El Fe Ga Gi Ha I Ka Ke La Li Lu Ma Mi Na Ni O Ol Pa Ra Ro Sa Se So Ta Te Va Vi Yu Za",
        "- - bi da di ka la li ma mi na ri ro ti vi", "ana ca da dina dra eta ga hit ia ika ina ita la lena lia "
        "lina mar mila na ne ra rina sa sana sine slava ta tina yna",
    ),
}  # fmt: skip


def draw_names(persons: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person, same order: last_name, first_name, birth_name (equal to last_name if not married).

    Members of a household share a last name, save partners who keep theirs; `persons` has columns household,
    role, sex, origin, is_married.
    """
    count = len(persons)
    origin = persons["origin"].to_numpy().astype(str)
    sex = persons["sex"].to_numpy().astype(str)
    own = _by_group(origin, count, rng, lambda key, size: _draw(LAST_NAMES[key], size, rng))
    own = _double(own, origin, DOUBLE_LAST_SHARE, rng)
    pairs = np.char.add(np.char.add(origin, "|"), sex)
    first = _by_group(pairs, count, rng, lambda key, size: _draw(FIRST_NAMES[tuple(key.split("|"))], size, rng))
    first = _double_first(first, pairs, origin, rng)
    last, birth = _family_names(persons, own, origin, rng)
    return pd.DataFrame({"last_name": last, "first_name": first, "birth_name": birth}, index=persons.index)


def _by_group(keys, count, rng, draw) -> np.ndarray:
    """`draw(key, size)` for each distinct key in alphabetical order, put back in the places of that key."""
    drawn = np.empty(count, dtype=object)
    for key in np.unique(keys):
        places = np.flatnonzero(keys == key)
        drawn[places] = draw(str(key), len(places))
    return drawn


def _draw(pool: Pool, size: int, rng: np.random.Generator) -> np.ndarray:
    """`size` names of a pool: listed ones with weights 1 / (rank + 5), or three syllables."""
    weights = 1 / (np.arange(len(pool.listed)) + 5)
    listed = np.array(pool.listed, dtype=object)[rng.choice(len(weights), size, p=weights / weights.sum())]
    middles = np.array([syllable.replace("-", "") for syllable in pool.middles], dtype=object)
    composed = (
        rng.choice(np.array(pool.starts, dtype=object), size)
        + rng.choice(middles, size)
        + rng.choice(np.array(pool.ends, dtype=object), size)
    )
    return np.where(rng.random(size) < LISTED_SHARE, listed, composed)


def _share_of(origin: np.ndarray, shares: dict[str, float]) -> np.ndarray:
    return np.array([shares.get(key, 0.0) for key in origin])


def _double(own: np.ndarray, origin: np.ndarray, shares: dict[str, float], rng) -> np.ndarray:
    """Some bear a second last name after the first: "Martin-Roux" or "Martin Roux"."""
    chosen = np.flatnonzero(rng.random(len(own)) < _share_of(origin, shares))
    second = _by_group(origin[chosen], len(chosen), rng, lambda key, size: _draw(LAST_NAMES[key], size, rng))
    joint = rng.choice(np.array(["-", " "], dtype=object), len(chosen))
    own = own.copy()
    own[chosen] = own[chosen] + joint + second
    return own


def _double_first(first: np.ndarray, pairs: np.ndarray, origin: np.ndarray, rng) -> np.ndarray:
    """Some bear a compound first name: "Jean-Pierre", "Mamadou Lamine"."""
    chosen = np.flatnonzero(rng.random(len(first)) < _share_of(origin, DOUBLE_FIRST_SHARE))
    second = _by_group(
        pairs[chosen], len(chosen), rng, lambda key, size: _draw(FIRST_NAMES[tuple(key.split("|"))], size, rng)
    )
    joint = np.where(origin[chosen] == "french", "-", " ").astype(object)
    first = first.copy()
    first[chosen] = first[chosen] + joint + second
    return first


def _family_names(persons: pd.DataFrame, own: np.ndarray, origin: np.ndarray, rng) -> tuple[np.ndarray, np.ndarray]:
    """Last and birth names: children take the family's name, some married women their husband's.

    The family's name is that of the household's first man who is head or partner, else of its first member.
    """
    frame = persons[["household", "role", "sex"]].reset_index(drop=True)
    is_father = (frame["sex"] == "male") & frame["role"].isin(["head", "partner"])
    by_household = pd.DataFrame({"household": frame["household"], "rank": ~is_father, "place": frame.index})
    first = by_household.sort_values(["household", "rank", "place"]).drop_duplicates("household")
    family = frame["household"].map(first.set_index("household")["place"]).to_numpy()
    last = np.where(frame["role"] == "child", own[family], own).astype(object)
    birth = last.copy()
    is_wife = persons["is_married"].to_numpy().astype(bool) & (frame["sex"] == "female").to_numpy()
    is_wife &= (frame["role"] != "child").to_numpy()
    takes_name = is_wife & (rng.random(len(last)) < _share_of(origin, HUSBAND_NAME_SHARE))
    lone = takes_name & (family == np.arange(len(last)))
    husband = own[family]
    husband[lone] = _by_group(origin[lone], lone.sum(), rng, lambda key, size: _draw(LAST_NAMES[key], size, rng))
    return np.where(takes_name, husband, last).astype(object), birth
