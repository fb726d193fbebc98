#!/usr/bin/env bash
# Copies Apache Kafka's jars into the stack's folder by Maven, once for each version of pom.xml.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${VIVA_HOME:-.viva}/kafka
jars=$folder/jars

stop() { printf '%s\n' "$*" >&2; exit 1; }

wanted=$(cat "$here/pom.xml" "$here/log4j2.properties" | sha256sum | cut -d' ' -f1)
if [ -f "$jars/ready" ] && [ "$(cat "$jars/ready")" = "$wanted" ]; then exit 0; fi

for command in java mvn; do
  command -v "$command" >/dev/null ||
    stop "Apache Kafka needs Java 17 and Maven: install the packages openjdk-17-jre-headless and maven, then run this again."
done
mkdir -p -m 700 "${VIVA_HOME:-.viva}" "$folder"
folder=$(cd "$folder" && pwd)
jars=$folder/jars
beside=$(mktemp -d "$folder/jars.XXXXXX")
trap 'rm -rf "$beside"' EXIT
printf 'Fetching Apache Kafka (about 45 MB, once) ...\n' >&2
mvn --batch-mode --quiet -Dstyle.color=never --file "$here/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$beside"
cp "$here/log4j2.properties" "$beside"
printf '%s\n' "$wanted" >"$beside/ready"
rm -rf "$jars"
mv "$beside" "$jars"
