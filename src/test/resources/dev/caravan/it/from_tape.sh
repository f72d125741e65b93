# from_tape.sh UNTAP LIBRARY DESTINATION: brings back all that is in a virtual library, by the recipe on its cartridges.
set -eu
untap=$1 library=$2 destination=$3
for image in "$library"/*/p0.tap; do
    number=1
    while python3 "$untap" "$image" $number >"$destination.segment" 2>/dev/null && [ -s "$destination.segment" ]; do
        tar --xattrs --xattrs-include='user.*' --warning=no-timestamp -xpf "$destination.segment" -C "$destination"
        number=$((number + 1))
    done
done
rm -f "$destination.segment"
