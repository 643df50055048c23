#!/usr/bin/env python3
"""Measures crmhub and its peers on the same files, one after the other, without labels.

    peers.py BINARY FOLDER...      each FOLDER has records.csv (record_id first) and truth.csv (record_id,entity_id)

For each tool: pairwise precision, recall and F1 against the truth, wall and CPU seconds, peak memory in MB. A tool that
is not installed, fails or takes longer than TIMEOUT seconds (1800) says so in its line; ONLY="crmhub splink" names
the tools that run. Each tool runs in a process of
its own, with what its documentation recommends; the settings are below and can be read in a minute. Columns are
recognised by their headers, because peers other than GoldenMatch have to be told what they hold. The settings are first
settings: who knows Splink well and studies its errors on a set does better on it. dedupe learns from a person's answers:
it is given a hundred from the truth, which none of the others sees. The versions that were measured stand above the table.
"""

import collections
import csv
import datetime
import importlib.metadata
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time

TIMEOUT = int(os.environ.get("TIMEOUT", "1800"))
MEMORY = float(os.environ.get("MEMORY", "12"))
KINDS = {
    "given": ("given_name", "first_name", "forename"),
    "family": ("family_name", "surname", "last_name"),
    "full": ("full_name", "name"),
    "birth": ("birth_date", "date_of_birth", "dob"),
    "email": ("email", "mail"),
    "phone": ("phone", "mobile", "telephone"),
    "postcode": ("postcode", "postcode_fake", "zip"),
    "city": ("city", "suburb", "birth_place", "town"),
    "street": ("street", "address_1", "address"),
    "organisation": ("organisation", "company"),
    "id": ("soc_sec_id", "national_id", "tax_id"),
}


def columns(header):
    """The column of each kind that a file has."""
    lower = {h.strip().lower(): h for h in header}
    return {k: next(lower[n] for n in names if n in lower) for k, names in KINDS.items() if any(n in lower for n in names)}


def frame(path):
    import pandas

    df = pandas.read_csv(path, dtype=str, keep_default_na=False)
    df = df.apply(lambda c: c.str.strip().str.lower() if c.name != "record_id" else c)
    c = columns(df.columns)
    if {"full", "given", "family"} <= c.keys():
        # Where names stand now in one column, now in two, one is filled from the others, as anybody would.
        parts = (df[c["given"]] + " " + df[c["family"]]).str.strip()
        df[c["full"]] = df[c["full"]].where(df[c["full"]] != "", parts)
    return df.replace("", None)


def named(df):
    """The columns by kind, names by the columns that are filled more: one, or two."""
    c = columns(df.columns)
    if {"full", "given", "family"} <= c.keys():
        fuller = df[c["full"]].notna().sum() > 1.1 * df[c["family"]].notna().sum()
        for k in ("given", "family") if fuller else ("full",):
            c.pop(k)
    return c


def dates(values):
    """The form that nearly all dates of a column have, or None."""
    values = values.dropna()
    for pattern, form in ((r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"), (r"\d{8}", "%Y%m%d")):
        if len(values) and values.str.fullmatch(pattern).mean() > 0.95:
            return form
    return None


def write(pairs, ids, out):
    """Connected components of pairs, as clusters."""
    root = {i: i for i in ids}

    def find(i):
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in pairs:
        root[find(a)] = find(b)
    with open(out, "w", newline="") as f:
        w = csv.writer(f)
        w.writerow(["record_id", "cluster_id"])
        w.writerows((i, find(i)) for i in ids)


def splink(path, out):
    """Its tutorial: library comparisons with term frequencies, u by sampling, m by EM in two sessions, p >= 0.95."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    df = frame(path)
    c = named(df)
    form = dates(df[c["birth"]]) if "birth" in c else None
    made = {
        "given": lambda n: cl.NameComparison(n).configure(term_frequency_adjustments=True),
        "family": lambda n: cl.NameComparison(n).configure(term_frequency_adjustments=True),
        "full": lambda n: cl.NameComparison(n).configure(term_frequency_adjustments=True),
        "email": lambda n: cl.EmailComparison(n),
        "birth": lambda n: cl.DateOfBirthComparison(n, input_is_string=True, datetime_format=form) if form else cl.LevenshteinAtThresholds(n, [1, 2]),
        "phone": lambda n: cl.LevenshteinAtThresholds(n, [1]),
        "street": lambda n: cl.JaroWinklerAtThresholds(n, [0.9]),
        "postcode": lambda n: cl.ExactMatch(n).configure(term_frequency_adjustments=True),
        "city": lambda n: cl.ExactMatch(n).configure(term_frequency_adjustments=True),
        "organisation": lambda n: cl.JaroWinklerAtThresholds(n, [0.9]).configure(term_frequency_adjustments=True),
        "id": lambda n: cl.LevenshteinAtThresholds(n, [1]),
    }
    use = {k: n for k, n in c.items() if k in made}
    couples = [("given", "family"), ("family", "birth"), ("given", "birth"), ("family", "postcode"), ("given", "postcode"), ("full", "city"), ("birth", "postcode")]
    rules = [block_on(use[a], use[b]) for a, b in couples if a in use and b in use]
    rules += [block_on(use[k]) for k in ("email", "phone", "id", "full") if k in use] or [block_on(n) for n in list(use.values())[:2]]
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="record_id",
        comparisons=[made[k](n) for k, n in use.items()], blocking_rules_to_generate_predictions=rules,
    )
    linker = Linker(DuckDBAPI().register(df), settings)
    linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules[:2] + rules[-1:]:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    predictions = linker.inference.predict(threshold_match_probability=0.5)
    clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold_match_probability=0.95)
    clusters.as_pandas_dataframe()[["record_id", "cluster_id"]].to_csv(out, index=False)


def recordlinkage(path, out):
    """Its guide: blocks on names, dates and contacts, Jaro-Winkler, ECM."""
    import recordlinkage as rl

    df = frame(path).set_index("record_id")
    c = named(df)
    df = df.fillna("")
    index = rl.Index()
    for k in ("family", "given", "full", "email", "phone", "birth", "id", "organisation"):
        if k in c:
            index.block(c[k])
    pairs = index.index(df)
    compare = rl.Compare()
    for k, n in c.items():
        if k in ("given", "family", "full", "street", "city", "organisation", "email"):
            compare.string(n, n, method="jarowinkler", threshold=0.85, missing_value=0)
        else:
            compare.exact(n, n)
    found = rl.ECMClassifier(binarize=0.8).fit_predict(compare.compute(pairs, df))
    write(list(found), list(df.index), out)


def goldenmatch(path, out):
    """Its automatic mode, as its README begins; it stops at columns without any value, so it does not get them."""
    import goldenmatch as gm
    import pandas

    df = pandas.read_csv(path, dtype=str)
    ids = list(df["record_id"])
    filled = os.path.join(os.path.dirname(out), "filled.csv")
    df.dropna(axis="columns", how="all").to_csv(filled, index=False)
    res = gm.dedupe(filled)
    pairs = []
    for cluster in res.clusters.values():
        members = cluster["members"]
        pairs += [(ids[members[0]], ids[m]) for m in members[1:]]
    write(pairs, ids, out)


def dedupe(path, out):
    """Its first example: a variable for each column, the hundred pairs that it asks about, clusters at one half."""
    import dedupe as dd

    df = frame(path)
    c = named(df)
    fields = list(c.values()) or [n for n in df.columns if n not in ("record_id", "source")]
    data = {row["record_id"]: {k: v or None for k, v in row.items()} for row in df.to_dict("records")}
    with open(os.path.join(os.path.dirname(path), "truth.csv"), newline="", encoding="utf-8-sig") as f:
        truth = {r[0]: r[1] for r in list(csv.reader(f))[1:] if r}
    learner = dd.Dedupe([dd.variables.String(n, has_missing=True) for n in fields], num_cores=2)
    learner.prepare_training(data)
    for _ in range(100):
        for a, b in learner.uncertain_pairs():
            same = truth.get(a["record_id"]) == truth.get(b["record_id"])
            learner.mark_pairs({"match": [(a, b)] if same else [], "distinct": [] if same else [(a, b)]})
    learner.train()
    pairs = []
    for members, _ in learner.partition(data, 0.5):
        pairs += [(members[0], m) for m in members[1:]]
    write(pairs, list(data), out)


PEERS = {"splink": splink, "recordlinkage": recordlinkage, "goldenmatch": goldenmatch, "dedupe": dedupe}


def score(clusters, truth):
    def read(path):
        rows = csv.reader(open(path, newline="", encoding="utf-8-sig"))
        next(rows)
        return {r[0]: r[1] for r in rows if r}

    got, want = read(clusters), read(truth)
    pairs = lambda groups: sum(n * (n - 1) // 2 for n in groups.values())
    both = collections.Counter((got.get(k, "\0" + k), v) for k, v in want.items())
    found = pairs(collections.Counter(got.get(k, "\0" + k) for k in want))
    true, hit = pairs(collections.Counter(want.values())), pairs(both)
    p, r = hit / found if found else 0.0, hit / true if true else 0.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0, max(collections.Counter(got.values()).values(), default=0)


def resident(group):
    """The gigabytes that the processes of a group hold."""
    pages = 0
    for pid in filter(str.isdigit, os.listdir("/proc") if os.path.isdir("/proc") else []):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as f:
                stat = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it ended meanwhile
        if int(stat[2]) == group:
            pages += int(stat[21])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e9


def measured(command, log):
    """Runs a command; returns wall seconds, CPU seconds and peak MB, or why it gave nothing, ""
    where its log says so."""
    began = looked = time.time()
    process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    why = None
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        now = time.time()
        if now - began > TIMEOUT:
            why = f"longer than {TIMEOUT} s"
        elif now - looked > 1:
            looked = now
            if resident(process.pid) > MEMORY:
                why = f"more than {MEMORY:g} GB"
        if why:
            os.killpg(process.pid, signal.SIGKILL)
            os.wait4(process.pid, 0)
            return why
        time.sleep(0.02)
    if status:
        return ""
    return time.time() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def versions(binary):
    """What was measured, when and on how many cores."""
    said = subprocess.run([binary, "version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    found = [" ".join(said.split()) if said.startswith("crmhub") else "crmhub " + said]
    for name in PEERS:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue  # its lines say so
    found += [f"Python {platform.python_version()}", f"{os.cpu_count()} cores"]
    return datetime.date.today().isoformat() + ": " + ", ".join(found)


def main(binary, folders):
    print(versions(binary), flush=True)
    print(f"{'set':24} {'tool':14} {'P':>7} {'R':>7} {'F1':>7} {'largest':>8} {'wall s':>8} {'CPU s':>8} {'MB':>7}")
    for folder in folders:
        found = {}
        records, truth = os.path.join(folder, "records.csv"), os.path.join(folder, "truth.csv")
        for tool in os.environ.get("ONLY", "crmhub " + " ".join(PEERS)).split():
            with tempfile.TemporaryDirectory() as work:
                out = os.path.join(work, "clusters.csv")
                command = [sys.executable, __file__, "--run", tool, records, out]
                if tool == "crmhub":
                    command = [binary, "match", "dedupe", "--auto", "--input", records, "--id", "record_id", "--output", out]
                with open(os.path.join(work, "log"), "w+b") as log:
                    took = measured(command, log)
                    name = f"{os.path.basename(os.path.normpath(folder)):24} {tool:14}"
                    if isinstance(took, str) or not os.path.exists(out):
                        log.seek(0)
                        last = log.read().decode("utf-8", "replace").strip().splitlines()[-1:] or ["no clusters"]
                        print(f"{name} {took if took and isinstance(took, str) else last[0][:90]}", flush=True)
                        continue
                p, r, f1, largest = score(out, truth)
                print(f"{name} {p:7.4f} {r:7.4f} {f1:7.4f} {largest:8d} {took[0]:8.1f} {took[1]:8.1f} {took[2]:7.0f}", flush=True)
                found[tool] = (f1, took[1], took[2])
        better(found)


def better(found):
    """Says plainly where a peer is better than crmhub on a set."""
    for i, (what, unit) in enumerate((("F1", ""), ("CPU", " s"), ("memory", " MB"))):
        ours = found.get("crmhub")
        for tool, theirs in found.items():
            if ours and tool != "crmhub" and (theirs[i] > ours[i] if i == 0 else theirs[i] < ours[i]):
                print(f"{'':24} {tool} is better in {what}: {theirs[i]:.4g}{unit}, crmhub {ours[i]:.4g}{unit}", flush=True)


if __name__ == "__main__":
    if len(sys.argv) == 5 and sys.argv[1] == "--run":
        PEERS[sys.argv[2]](sys.argv[3], sys.argv[4])
    elif len(sys.argv) > 2:
        main(sys.argv[1], sys.argv[2:])
    else:
        sys.exit(__doc__)
