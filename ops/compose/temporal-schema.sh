#!/bin/sh
# Creates Temporal's two databases and brings their schemas to the newest version this image knows. Doing it again
# changes nothing, so an upgrade of the images is an upgrade of the schemas.
# Address, user, password and plugin come from SQL_HOST, SQL_PORT, SQL_USER, SQL_PASSWORD and SQL_PLUGIN.
set -eu
schemas=${TEMPORAL_SCHEMAS:-/etc/temporal/schema/postgresql/v12}

bring_up_to_date() { # DATABASE FOLDER
  temporal-sql-tool --db "$1" create
  temporal-sql-tool --db "$1" setup-schema --version 0.0
  temporal-sql-tool --db "$1" update-schema --schema-dir "$schemas/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
