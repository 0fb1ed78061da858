#!/usr/bin/env python3
"""Holds the places of dlint's findings against recorded diagnostics of dockerfile-utils.

    tools/agree_ranges.py CASES.json /path/to/dlint [-v]

CASES.json is a list of inputs, each with `dockerfile`, `settings` (the validator's settings, or null for its
defaults) and `expected`: `rule`, `line`, `column`, `end_line` and `end_column`, from 1, the end exclusive.
An input agrees if both tools point at the same places, and each finding of dlint has the rule (and kind)
that CODES gives for what dockerfile-utils says there. Findings of rules that no code stands for are not
compared, neither are those of codes that the input's settings turn off. -v prints what differs.

Where dockerfile-utils reports each member of a group (the stages of one name), dlint reports one finding
and labels the others: for the codes in GROUPS, a label counts as a place. For those in LABELLED, only the
labels do: dlint has the finding where BuildKit has it, at the end of the instruction. No dependencies.

Where the two differ on purpose, dlint goes by what BuildKit does: a carriage return after an escape character
joins no lines, `C:/path` is a relative WORKDIR in an image for Linux, also in `scratch`, and of `[ '],',]` nothing
tells what was meant.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter

SYNTAX = "syntax-error"

# What stands for a code: rules, or one kind of a rule's findings as `rule:kind`.
CODES = {
    "ARGUMENT_EXTRA": [f"{SYNTAX}:extra-argument"],
    "ARGUMENT_MISSING": [f"{SYNTAX}:missing-argument", "empty-command:entrypoint"],
    "ARGUMENT_REQUIRES_AT_LEAST_ONE": [f"{SYNTAX}:missing-argument"],
    "ARGUMENT_REQUIRES_AT_LEAST_TWO": [f"{SYNTAX}:missing-argument"],
    "ARGUMENT_REQUIRES_ONE": [f"{SYNTAX}:missing-argument", f"{SYNTAX}:extra-argument"],
    "ARGUMENT_REQUIRES_ONE_OR_THREE": [f"{SYNTAX}:missing-argument", f"{SYNTAX}:extra-argument"],
    "ARGUMENT_REQUIRES_TWO": [f"{SYNTAX}:missing-argument"],
    "ARGUMENT_UNNECESSARY": [f"{SYNTAX}:extra-argument"],
    "BASE_NAME_EMPTY": ["undeclared-arg-in-from:blank", "invalid-default-arg-in-from:blank"],
    "CASING_DIRECTIVE": ["directive-casing"],
    "CASING_INSTRUCTION": ["instruction-casing"],
    "DEPRECATED_MAINTAINER": ["maintainer-deprecated"],
    "DUPLICATED_ESCAPE_DIRECTIVE": [f"{SYNTAX}:duplicate-directive"],
    "DUPLICATE_BUILD_STAGE_NAME": ["duplicate-stage-name"],
    "EMPTY_CONTINUATION_LINE": ["empty-continuation"],
    "FLAG_AT_LEAST_ONE": [f"{SYNTAX}:invalid-flag-value"],
    "FLAG_DUPLICATE": [f"{SYNTAX}:duplicate-flag"],
    "FLAG_EXPECTED_BOOLEAN_VALUE": [f"{SYNTAX}:invalid-flag-value"],
    "FLAG_INVALID_DURATION": [f"{SYNTAX}:invalid-duration"],
    "FLAG_INVALID_FROM_VALUE": [f"{SYNTAX}:invalid-reference"],
    "FLAG_INVALID_LINK_VALUE": [f"{SYNTAX}:invalid-flag-value"],
    "FLAG_LESS_THAN_1MS": [f"{SYNTAX}:invalid-duration", "zero-duration"],
    "FLAG_MISSING_DURATION": [f"{SYNTAX}:invalid-duration"],
    "FLAG_MISSING_VALUE": [f"{SYNTAX}:missing-flag-value"],
    "FLAG_UNKNOWN_UNIT": [f"{SYNTAX}:invalid-duration"],
    "HEALTHCHECK_CMD_ARGUMENT_MISSING": [f"{SYNTAX}:missing-argument"],
    "INVALID_AS": [f"{SYNTAX}:invalid-as"],
    "INVALID_BUILD_STAGE_NAME": [f"{SYNTAX}:invalid-stage-name"],
    "INVALID_DESTINATION": ["copy-destination-not-folder"],
    "INVALID_ESCAPE_DIRECTIVE": [f"{SYNTAX}:invalid-escape"],
    "INVALID_PORT": ["invalid-port:invalid-port"],
    "INVALID_PROTO": ["invalid-port:invalid-protocol"],
    "INVALID_REFERENCE_FORMAT": [f"{SYNTAX}:invalid-reference"],
    "INVALID_SIGNAL": [f"{SYNTAX}:invalid-signal"],
    "INVALID_SYNTAX": [f"{SYNTAX}:invalid-flag-value"],
    "JSON_IN_SINGLE_QUOTES": ["single-quoted-array", "shell-form-command:single-quotes"],
    "MULTIPLE_INSTRUCTIONS": ["multiple-cmd", "multiple-entrypoint", "multiple-healthcheck"],
    "NO_SOURCE_IMAGE": [f"{SYNTAX}:no-instruction", "missing-from", f"{SYNTAX}:unknown-instruction"],
    "ONBUILD_CHAINING_DISALLOWED": ["onbuild-trigger"],
    "ONBUILD_TRIGGER_DISALLOWED": ["onbuild-trigger"],
    "SHELL_JSON_FORM": [f"{SYNTAX}:invalid-json"],
    "SHELL_REQUIRES_ONE": [f"{SYNTAX}:missing-argument"],
    "SYNTAX_MISSING_DOUBLE_QUOTE": [f"{SYNTAX}:unclosed-quote", "unusable-arg-name:open-quote"],
    "SYNTAX_MISSING_EQUALS": [f"{SYNTAX}:missing-equals"],
    "SYNTAX_MISSING_NAMES": [f"{SYNTAX}:empty-name"],
    "SYNTAX_MISSING_SINGLE_QUOTE": [f"{SYNTAX}:unclosed-quote", "unusable-arg-name:open-quote"],
    "UNKNOWN_ADD_FLAG": [f"{SYNTAX}:unknown-flag"],
    "UNKNOWN_COPY_FLAG": [f"{SYNTAX}:unknown-flag"],
    "UNKNOWN_FROM_FLAG": [f"{SYNTAX}:unknown-flag"],
    "UNKNOWN_HEALTHCHECK_FLAG": [f"{SYNTAX}:unknown-flag"],
    "UNKNOWN_INSTRUCTION": [f"{SYNTAX}:unknown-instruction"],
    "UNKNOWN_TYPE": [f"{SYNTAX}:unknown-healthcheck"],
    "UNSUPPORTED_MODIFIER": [f"{SYNTAX}:bad-substitution"],
    "WORKDIR_IS_NOT_ABSOLUTE": ["relative-workdir:path", "workdir-not-absolute:path"],
}

# Codes that are reported at each member of a group.
GROUPS = {"DUPLICATE_BUILD_STAGE_NAME", "FLAG_DUPLICATE"}

# Codes whose places are the labels of a finding.
LABELLED = {"EMPTY_CONTINUATION_LINE"}

# The setting that turns a code on; all others are always on.
SETTINGS = {
    "CASING_DIRECTIVE": ["directiveCasing"],
    "CASING_INSTRUCTION": ["instructionCasing"],
    "DEPRECATED_MAINTAINER": ["deprecatedMaintainer"],
    "EMPTY_CONTINUATION_LINE": ["emptyContinuationLine"],
    "JSON_IN_SINGLE_QUOTES": ["instructionJSONInSingleQuotes"],
    "MULTIPLE_INSTRUCTIONS": [
        "instructionCmdMultiple",
        "instructionEntrypointMultiple",
        "instructionHealthcheckMultiple",
    ],
    "WORKDIR_IS_NOT_ABSOLUTE": ["instructionWorkdirRelative"],
}

# The rule that belongs to one of several settings.
RULE_SETTINGS = {
    "multiple-cmd": "instructionCmdMultiple",
    "multiple-entrypoint": "instructionEntrypointMultiple",
    "multiple-healthcheck": "instructionHealthcheckMultiple",
}


def names(finding):
    """What CODES may call a finding."""
    return {finding["rule"], f"{finding['rule']}:{finding.get('kind')}"}


def place(entry):
    """Where a finding or label is: line, column, end line, end column."""
    start, end = entry["start"], entry["end"]
    return (start["line"], start["column"], end["line"], end["column"])


def compare(case, findings):
    """What differs: places that only one of the two knows, or that they call differently."""
    settings = case["settings"]

    def is_on(setting):
        return settings is None or settings.get(setting, 0) != 0

    on = {code for code in CODES if any(map(is_on, SETTINGS.get(code, []))) or code not in SETTINGS}
    scope = {name for code in on for name in CODES[code]}
    off = {rule for rule, setting in RULE_SETTINGS.items() if not is_on(setting)}
    wanted, groups = {}, set()
    labelled = {name for code in LABELLED for name in CODES[code]}
    for entry in case["expected"]:
        at = (entry["line"], entry["column"], entry["end_line"], entry["end_column"])
        wanted.setdefault(at, set()).update(CODES[entry["rule"]])
        if entry["rule"] in GROUPS:
            groups.update(CODES[entry["rule"]])
    found = {}
    for finding in findings:
        if not names(finding) & scope or finding["rule"] in off:
            continue
        places = [finding]
        if names(finding) & groups:
            places += finding["labels"]
        if names(finding) & labelled:
            places = finding["labels"]
        for entry in places:
            found.setdefault(place(entry), set()).update(names(finding))
    differences = [("only dockerfile-utils", at, wanted[at]) for at in wanted if at not in found]
    differences += [("only dlint", at, found[at]) for at in found if at not in wanted]
    differences += [("other rule", at, found[at]) for at in wanted if at in found and not wanted[at] & found[at]]
    return differences


def lint(dlint, cases):
    """The findings of each case."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{i}.Dockerfile" for i in range(len(cases))]
        for path, case in zip(paths, cases):
            with open(os.path.join(folder, path), "w", newline="", encoding="utf-8") as file:
                file.write(case["dockerfile"])
        for start in range(0, len(paths), 500):
            command = [dlint, "--format", "json", "--select", "all", "--no-context", *paths[start : start + 500]]
            run = subprocess.run(command, cwd=folder, capture_output=True, check=False)
            for file in json.loads(run.stdout)["files"]:
                found[file["path"]] = file["findings"]
    return [found[path] for path in paths]


def main():
    arguments = [a for a in sys.argv[1:] if a != "-v"]
    if len(arguments) != 2:
        sys.exit(__doc__)
    with open(arguments[0], encoding="utf-8") as file:
        cases = json.load(file)
    agreeing, missed = 0, Counter()
    for case, findings in zip(cases, lint(os.path.abspath(arguments[1]), cases)):
        differences = compare(case, findings)
        agreeing += not differences
        for entry in case["expected"]:
            missed[entry["rule"]] += bool(differences)
        if not case["expected"]:
            missed["(nothing)"] += bool(differences)
        if differences and "-v" in sys.argv:
            print(repr(case["dockerfile"]))
            for what, at, rules in differences:
                print(f"    {what} {at}: {', '.join(sorted(rules))}")
    print("inputs that differ, by what dockerfile-utils says of them:")
    for code, count in missed.most_common():
        if count:
            print(f"  {count:5} {code}")
    print(f"{agreeing} of {len(cases)} inputs agree in rule, line and columns: {agreeing / len(cases):.2%}")


if __name__ == "__main__":
    main()
