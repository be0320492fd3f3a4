#!/bin/sh
# Puts Greenroom into the menu of this person's desktop: a desktop entry that names this very folder, and the icons.
# Nothing needs root, and nothing is copied but these. After the folder was moved, run it again; --remove takes it back.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
share=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$share/applications/greenroom.desktop

refresh() {
    command -v update-desktop-database >/dev/null && update-desktop-database -q "$share/applications" || true
    command -v gtk-update-icon-cache >/dev/null && gtk-update-icon-cache -q -t -f "$share/icons/hicolor" 2>/dev/null || true
}

icons() { (cd "$here/share/icons/hicolor" && find . -type f); }

if [ "${1-}" = --remove ]; then
    rm -f "$entry"
    icons | while read -r icon; do rm -f "$share/icons/hicolor/$icon"; done
    refresh
    echo "Greenroom is no longer in the menu. Its data are untouched; this folder can be deleted."
    exit
fi

# In a desktop entry a path stands in double quotes, with these four escaped, and percent doubled; and once more, because
# the whole value is read as a string first.
quoted=$(printf '%s' "$here/greenroom" | sed -e 's/[\\"`$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')
plain=$(printf '%s' "$here/greenroom" | sed -e 's/\\/\\\\/g')
mkdir -p "$share/applications"
EXEC="Exec=\"$quoted\"" TRY="TryExec=$plain" awk '
    /^Exec=/ { print ENVIRON["EXEC"]; next }
    /^TryExec=/ { print ENVIRON["TRY"]; next }
    { print }' "$here/share/applications/greenroom.desktop" >"$entry.new"
mv "$entry.new" "$entry"
icons | while read -r icon; do
    mkdir -p "$(dirname "$share/icons/hicolor/$icon")"
    cp "$here/share/icons/hicolor/$icon" "$share/icons/hicolor/$icon"
done
refresh
echo "Greenroom is in the menu now. It starts from $here: leave it there, or run this again after moving it."
