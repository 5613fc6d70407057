# What the scripts share: a program is run with pinned public packages in a temporary folder, and what it prints is compared with what was seen.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Runs the Python program from standard input with some packages.
with_python() {
  cat > "$folder/program.py"
  python3 -m venv "$folder/environment"
  "$folder/environment/bin/pip" install --quiet --disable-pip-version-check "$@"
  "$folder/environment/bin/python" -W ignore "$folder/program.py" > "$folder/found"
}

# Runs the JavaScript module from standard input with some packages.
with_node() {
  cat > "$folder/program.mjs"
  (cd "$folder" && npm init --yes > package.log && npm install --silent --no-audit --no-fund "$@" > install.log)
  (cd "$folder" && node program.mjs > found)
}

# Fails, and shows the difference, unless the program printed what comes on standard input.
was_seen() {
  cat > "$folder/seen"
  diff -u --label seen --label found "$folder/seen" "$folder/found" || { echo "$(basename "$0"): changed"; exit 1; }
  echo "$(basename "$0"): as seen"
}
