# from_parts.sh UNTAP LIBRARY DESTINATION EXTRACT: brings back all that is in a virtual library with the program EXTRACT
# (tar, bsdtar, or python for its tarfile), and joins what is in parts, by the recipe on the cartridges.
set -eu
untap=$1 library=$2 destination=$3 extract=$4
segment=$destination.segment
for image in "$library"/*/p0.tap; do
    number=1
    while python3 "$untap" "$image" $number >"$segment" 2>/dev/null; do
        number=$((number + 1))
        # without its index an archive was cut off: it is void, and was written again
        tar -tf "$segment" 2>/dev/null | tail -n 1 | grep -qxF .caravan/index.jsonl || continue
        case $extract in
        tar) tar --warning=no-timestamp -xpf "$segment" -C "$destination" ;;
        bsdtar) bsdtar -xpf "$segment" -C "$destination" ;;
        python) python3 -c 'import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])' "$segment" "$destination" ;;
        esac
    done
done
rm -f "$segment"
cd "$destination"
find . -path ./.caravan -prune -o -name '*.part-00001-of-*' -print0 | while IFS= read -r -d '' first; do
    name=${first%.part-00001-of-*}
    cat "$name".part-* | cp --sparse=always /dev/stdin "$name"
    cp --attributes-only --preserve=all "$first" "$name"
    rm "$name".part-*
done
for parts in .caravan/parts/*/; do
    [ -d "$parts" ] || continue
    name=$(cat "$parts/name")
    cat "$parts"part-* | cp --sparse=always /dev/stdin "$name"
    cp --attributes-only --preserve=all "$parts"part-00001-of-* "$name"
done
rm -r .caravan
