#!/usr/bin/env bash
# Copies GraphiQL's built files into the stack's folder by npm, once for each version that is named here.
set -euo pipefail
PACKAGE=@graphql-yoga/graphiql
VERSION=4.5.0
SHA512=mer2/6RUdSGxNXCcE2dccKjDvcvj4DxIdYDKkggS3ltHc/MenhdBwBr/fwMreC7mqTBtn25a/q9e2Hdn36WNJg==
folder=${VIVA_HOME:-.viva}/graphiql

stop() { printf '%s\n' "$*" >&2; exit 1; }

if [ -f "$folder/ready" ] && [ "$(cat "$folder/ready")" = "$PACKAGE@$VERSION" ]; then exit 0; fi
command -v npm >/dev/null || stop "GraphiQL needs npm: install Node.js 20 or later, then run this again."
mkdir -p -m 700 "${VIVA_HOME:-.viva}"
beside=$(mktemp -d "${VIVA_HOME:-.viva}/graphiql.XXXXXX")
trap 'rm -rf "$beside"' EXIT
printf 'Fetching GraphiQL (about 4 MB, once) ...\n' >&2
archive=$(npm pack --silent --ignore-scripts --pack-destination "$beside" "$PACKAGE@$VERSION")
found=$(openssl dgst -sha512 -binary "$beside/$archive" | openssl base64 -A)
[ "$found" = "$SHA512" ] || stop "What npm fetched is not $PACKAGE $VERSION as it is known here: its SHA-512 is $found."
tar -xzf "$beside/$archive" -C "$beside" package/dist package/LICENSE
mkdir "$beside/files"
mv "$beside"/package/dist/*.umd.js "$beside"/package/dist/*.css "$beside"/package/dist/monacoeditorwork/*.js \
  "$beside/package/LICENSE" "$beside/files"
printf '%s\n' "$PACKAGE@$VERSION" >"$beside/files/ready"
rm -rf "$folder"
mv "$beside/files" "$folder"
