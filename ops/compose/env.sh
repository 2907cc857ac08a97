#!/bin/sh
# Gives .env the secrets docker-compose.yml asks for, made at random; what is there already is left as it is.
set -eu
umask 077
cd "$(dirname "$0")/../.."

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

keep_or_add() { # NAME VALUE
  if grep -q "^$1=." .env 2>/dev/null; then
    echo "$1 is there already"
  else
    printf '%s=%s\n' "$1" "$2" >>.env
    echo "$1 added"
  fi
}

# A last line without an end would run into what is added.
if [ -s .env ] && [ -n "$(tail -c 1 .env)" ]; then echo >>.env; fi
keep_or_add DATABASE_PASSWORD "$(random 24)"
keep_or_add TEMPORAL_DATABASE_PASSWORD "$(random 24)"
keep_or_add PAPER_ACCESS_KEY "paper-$(random 8)"
keep_or_add PAPER_SECRET_KEY "$(random 32)"
