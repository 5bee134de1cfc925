#!/bin/sh
# Routes the applications in examples/ and shows what comes out.
set -eu
tongban="${BIN:-.venv/bin}/tongban"

show() {
    printf '\n$ tongban %s\n' "$*"
    status=0
    "$tongban" "$@" || status=$?
    # 3 is no failure: a fact is missing, and the decision says which.
    [ "$status" -eq 0 ] || [ "$status" -eq 3 ]
}

echo "A pension moves from Xining to Chengdu; both places act, nobody travels:"
show route examples/pension-transfer.json
echo "A household registration moves for a new job, handed in at a window:"
show route examples/hukou-move.json
echo "A company in Golmud is registered from a window in Shenzhen:"
show route examples/company-registration.json
echo "A first ID card, refused because a guardian applies:"
show route examples/first-id-card.json
echo "A fact is missing, and only what matters is asked:"
show route examples/missing-fact.json
echo "Many applications at once, as JSON for machines:"
show route --json examples/cases.jsonl
echo "A marriage in 2023, refused outside the pilot areas of that time, rule by rule:"
show route --as-of 2023-03-01 --explain examples/marriage.json
printf '\nThe second opinion (durable-rules):\n'
"$tongban" plugins --json | "${BIN:-.venv/bin}/python" -c '
import json, sys
for plugin in json.load(sys.stdin):
    if plugin["name"] == "durable-rules":
        print(" ", plugin["state"], *plugin["problems"])
'

printf '\nOne joint case, carried from receipt to rating between two provinces:\n'
sh "$(dirname "$0")/joint-case.sh"
