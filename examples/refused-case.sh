#!/bin/sh
# One application that the rules refuse, between two provinces, to its result by post.
#
# A household registration in Xining (2-02): the family keeps its booklet from the applicant,
# who applies in Chengdu and says that it could be obtained. The rules refuse; the applicant
# insists, and a person decides; a reconsideration (行政复议) changes the decision.
set -eu
tongban="${BIN:-.venv/bin}/tongban"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
unset TONGBAN_DB TONGBAN_AS TONGBAN_NODE TONGBAN_KEY TONGBAN_SIGNING_KEY

at() { # the store at which the next commands are typed
    TONGBAN_DB="$folder/$1/cases.db"
    export TONGBAN_DB
}

show() {
    printf '\n$ tongban %s\n' "$*" | sed "s|$folder/||g"
    "$tongban" "$@" >"$folder/screen" # not into a pipe, which would hide a failure
    sed "s|$folder/||g" "$folder/screen"
}

paper() { # a document of the case: written, read, verified
    show case document "$case" "$1" --key "$folder/$2.pem" -o "$folder/papers/$1" --as "$3"
    cat "$folder/papers/$1"/*.txt
    show verify "$folder/papers/$1"/*.pdf --key "$folder/$2.pem.pub"
}

carried() { # messages go, and receipts come back
    for store in chengdu xining chengdu xining; do
        TONGBAN_DB="$folder/$store/cases.db" "$tongban" case exchange >"$folder/exchange.log"
    done
}

window=window:510100
li=officer:630100/public_security@li.na
wang=officer:630100/public_security@wang.fang

echo "Two stores, one shared folder:"
at chengdu
show case join "$folder/exchange" --name chengdu --serves 510000 --key "$folder/chengdu.pem"
at xining
show case join "$folder/exchange" --name xining --serves 630000 --key "$folder/xining.pem"

printf '\n成都 Chengdu: the rules refuse; the refusal is a case, and a document.\n'
at chengdu
cat >"$folder/certificate.json" <<'END'
{"item": "2-02", "channel": "window", "received_at": "510100", "as_of": "2026-11-22",
 "applicant": {"kind": "person", "name": "金示例", "id_number": "630102199003071231",
               "phone": "13800000000", "address": "四川省成都市锦江区示例路1号"},
 "places": {"hukou": "630100"},
 "facts": {"booklet_unobtainable": false}, "deliver_by": "post"}
END
show case receive "$folder/certificate.json" --as "$window" --applicant a-17
case=$("$tongban" case list --json | sed 's/.*"id": "\([^"]*\)".*/\1/')
paper ineligible chengdu "$window"

printf '\nThe applicant insists; the window receives the application and sends it on.\n'
show case insist "$case" --reason 户口簿由家人保管,拒绝交出 --as applicant:a-17
show case receive "$case" --as "$window" --material 申请表:form --material 情况说明:original
show case forward "$case" --as "$window" --all
carried

printf '\n西宁 Xining: an officer stands back (回避), another takes the task (领办), and denies.\n'
at xining
show case arrive "$case" --as "$li"
show case accept "$case" --as "$li"
show case recuse "$case" --reason 系申请人近亲属 --as "$li"
show case claim "$case" --as "$wang"
show case next --as "$wang" --mine
show case examine "$case" --finding 申请时称户口簿可以取得 --as "$wang"
show case deny "$case" --reason 户口簿可以取得,可直接使用 --as "$wang"
paper denial xining "$wang"
show case deliver "$case" --by post --tracking EMS2001 --as "$wang"
carried

printf '\n成都 Chengdu: the letter has come; a reconsideration (行政复议) is lodged.\n'
at chengdu
show case report "$case" --status arrived --as applicant:a-17
carried
show case lodge "$case" --remedy reconsideration --organ 西宁市人民政府 \
    --reason 家人拒绝交出户口簿,属于家庭矛盾 --as applicant:a-17
carried

printf '\n西宁 Xining: it is admitted and changes the decision; the officer corrects it.\n'
at xining
show case admit "$case" --admitted --as "$wang"
show case resolve "$case" --outcome changed --document 宁政复决〔2026〕1号 --as "$wang"
show case next --as "$wang"
show case correct "$case" --granted --remedy 1 --document 户籍证明 \
    --reason 申请人因家庭矛盾无法取得居民户口簿 --article '附件2/2“因家庭矛盾等原因无法取得居民户口簿的”' --as "$wang"
paper decision_correction xining "$wang"
paper grant xining "$wang"
carried

printf '\n成都 Chengdu: the applicant has moved; the window changes the address.\n'
at chengdu
show case change-contact "$case" --address 四川省成都市武侯区示例街2号 --as "$window"
carried

printf '\n西宁 Xining: the result goes by post to the new address.\n'
at xining
show case deliver "$case" --by post --tracking EMS2002 --as "$wang"
show case document "$case" --key "$folder/xining.pem" -o "$folder/papers/letter" --as "$wang"
cat "$folder"/papers/letter/*label*
carried
at chengdu
show case report "$case" --status arrived --as applicant:a-17
carried
at xining
show case tick
carried

printf '\nWhat is left: the timeline, the supervision report, two logs that are whole.\n'
at chengdu
show case show "$case"
show audit verify
at xining
show report --by department
show audit verify
