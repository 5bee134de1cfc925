#!/bin/sh
# One joint case (多地联办) between two provinces, from receipt to rating, by typed commands.
#
# A household registration moves from Xining to Chengdu for a new job (2-03). Chengdu and
# Xining have a store each; nothing but a folder connects them. A letter is lost on the way.
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

carried() { # messages go, and receipts come back
    for store in chengdu xining chengdu xining; do
        TONGBAN_DB="$folder/$store/cases.db" "$tongban" case exchange >"$folder/exchange.log"
    done
}

chengdu=officer:510100/public_security
xining=officer:630100/public_security

echo "Two stores, one shared folder:"
at chengdu
show case join "$folder/exchange" --name chengdu --serves 510000 --key "$folder/chengdu.pem"
at xining
show case join "$folder/exchange" --name xining --serves 630000 --key "$folder/xining.pem"

printf '\n成都 Chengdu: the window receives the application, the police accept it.\n'
at chengdu
cat >"$folder/move.json" <<'END'
{"item": "2-03", "channel": "window", "received_at": "510100", "as_of": "2026-11-22",
 "applicant": {"kind": "person", "name": "金示例", "id_number": "630102199003071231",
               "phone": "13800000000", "address": "四川省成都市锦江区示例路1号"},
 "places": {"move_in": "510100", "move_out": "630100"},
 "facts": {"move_reason": "job_transfer"}, "deliver_by": "post"}
END
show case receive "$folder/move.json" --as window:510100 --applicant a-17 \
    --material 户口迁移申请表:form --material 接收单位证明:original
case=$("$tongban" case list --json | sed 's/.*"id": "\([^"]*\)".*/\1/')
show case accept "$case" --as "$chengdu"
carried

printf '\n西宁 Xining: the request has come; the police there confirm.\n'
at xining
show case next --as "$xining"
show case confirm "$case" --note 同意迁出 --as "$xining"
carried

printf '\n成都 Chengdu: decided and sent; the letter is lost, and the result issued anew.\n'
at chengdu
show case examine "$case" --finding 材料齐全,符合迁移条件 --as "$chengdu"
show case grant "$case" --document 准予迁入证明 --as "$chengdu"
show case deliver "$case" --by post --tracking EMS1001 --as "$chengdu"
show case report "$case" --status lost --note 邮政查单回复 --as "$chengdu"
show case deliver "$case" --tracking EMS1002 --as "$chengdu"
show case report "$case" --status arrived --as applicant:a-17
show case tick

printf '\nThe decision as a signed document, and whoever is shown it verifies it.\n'
show case document "$case" --key "$folder/chengdu.pem" -o "$folder/papers" --as "$chengdu"
show verify "$folder"/papers/*.pdf --key "$folder/chengdu.pem.pub"

printf '\nThe applicant rates both sides (好差评).\n'
show case rate "$case" --side 510100/public_security --grade 非常满意 --as applicant:a-17
show case rate "$case" --side 630100/public_security --grade 满意 --as applicant:a-17
carried

printf '\nWhat is left: the timeline, the supervision report, a log that is whole.\n'
show case show "$case"
show report --by place
show audit verify
at xining
show case show "$case"
show audit verify
