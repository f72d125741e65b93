#!/bin/bash
# Runs in the VM: the caravan command on the tape library, from two blank cartridges to a restore from nothing but them, by
# the command and by hand. Prints a transcript.
#   tapevm.sh -j JDK -s target --drives 2 --slots 3 --tape-mib 20 -- bash tape-vm-commands/commands.sh
# shellcheck source=program.sh
. "$(dirname "$0")/program.sh"

# --- something to protect: on ext4, for a tmpfs of this kernel takes no extended attributes ------------------------------------
mkdir -p /srv/photos/2026/letters /srv/photos/empty $'/srv/photos/odd \xff\xfe *?[] \'"\\' /srv/nas
cd /srv/photos
for n in 1 2 3 4 5 6; do head -c $((600000 + n * 41111)) /dev/urandom >"2026/picture-$n.raw"; done
for n in $(seq 60); do echo "letter $n" >"2026/letters/letter $n.txt"; done
echo 'a name of two lines' > $'odd \xff\xfe *?[] \'"\\/line\nbreak'
echo 'an option' > ./--from
echo 'spaces' > ' both ends '
: > nothing
mkdir -p .hidden/.deeper .caravan; echo hidden >.hidden/.deeper/.file; echo 'not ours' >.caravan/index.jsonl; : >.nothing
LONG=$(printf 'a%.0s' $(seq 255)); LONG_FILM=$(printf 'f%.0s' $(seq 255)); echo long >"$LONG"
ln -s 2026/picture-1.raw link; ln -s /nowhere/at/all dangling; ln -s ../empty 2026/folder
ln 2026/picture-2.raw 2026/hard-link.raw; ln 2026/picture-2.raw .hidden/hard-link.raw
# files in parts: one larger than a cartridge, one whose parts need names of their own
head -c $(((TAPE_MIB + 2) * 1048576 + 1)) /dev/urandom >film.mp4
head -c 3500001 /dev/urandom >"$LONG_FILM"
chmod 640 2026/picture-3.raw; chmod 700 empty; chmod 4751 2026/picture-4.raw
setfattr -n user.comment -v 'of a film in parts' film.mp4
setfattr -n user.bytes -v 0x00ff0a5c22 2026/picture-1.raw; setfattr -n user.folder -v yes empty
touch -d '1969-07-20 20:17:40.123456789 UTC' 2026/picture-5.raw
touch -d '2101-01-01 00:00:00.5 UTC' 2026/picture-6.raw
touch -h -d '2001-02-03 04:05:06 UTC' link
touch -d '1999-12-31 23:59:59 UTC' empty
cd /
# names, kinds, modes, sizes, times, numbers of hard links and link targets; the bytes; the extended attributes
list() {
  (cd "$1" && { find . -mindepth 1 \( -type d -printf '%P d %m %T@\0' -o -printf '%P %y %m %s %n %T@ %l\0' \) | LC_ALL=C sort -z
    find . -mindepth 1 -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z
    find . -mindepth 1 -print0 | LC_ALL=C sort -z | xargs -0 getfattr -h -d -m - -e hex | tr '\n' '\0'; })
}
same() { # FOLDER WHAT
  list /srv/photos >/tmp/want; list "$1" >/tmp/have
  if cmp -s /tmp/want /tmp/have; then
    echo "same: $2: $(tr -cd '\0' </tmp/have | wc -c) lines of names, times, modes, links, hashes and attributes"
  else
    echo "different: $2"; diff -a <(tr '\0' '\n' </tmp/want) <(tr '\0' '\n' </tmp/have) | head -n 40; exit 1
  fi
}

say 'a new user with blank cartridges: two commands to the first backup'
export CARAVAN_HOME=/tmp/home
caravan init --source /srv/photos --nas /srv/nas --offsite embedded \
  --tape-drive "$SECOND" --tape-drive "$FIRST" --tape-changer "$CHANGER"
caravan backup

say 'what there is now'
caravan status
caravan tape drives
caravan tape inventory
caravan tape list
caravan tape pools
caravan tape show VT0001L8 --json
caravan tape needed .

say 'files in parts come back from tape'
caravan restore film.mp4 "$LONG_FILM" --to /srv/parts --from tape
cmp /srv/photos/film.mp4 /srv/parts/film.mp4
cmp "/srv/photos/$LONG_FILM" "/srv/parts/$LONG_FILM"
rm -r /srv/parts
echo 'same: files in parts'

say 'a cartridge is carried to a vault, brought back, and both are read back cold'
caravan tape unload VT0001L8
caravan tape export VT0001L8
take_out
caravan tape vault out VT0001L8 --to BANK
caravan tape list
refused BANK restore film.mp4 --to /srv/vaulted --from tape
[ ! -e /srv/vaulted/film.mp4 ]
put_in VT0001L8
caravan tape import
caravan tape vault in VT0001L8
caravan tape verify VT0001L8
caravan tape verify VT0002L8

say 'the machine is lost: a new home, nothing but the bare cartridges'
mv /tmp/home /tmp/lost; rm -r /srv/nas; mkdir /srv/nas
mv /srv/photos /srv/kept; mkdir /srv/photos
caravan init --source /srv/photos --nas /srv/nas --offsite embedded \
  --tape-drive "$FIRST" --tape-drive "$SECOND" --tape-changer "$CHANGER"
caravan tape rebuild --all
rmdir /srv/photos; mv /srv/kept /srv/photos
caravan tape list
caravan restore . --to /srv/back --from tape
same /srv/back 'restored from nothing but the cartridges'
rm -r /srv/back
caravan tape verify VT0002L8

say 'by hand: mt, dd and tar, as the README of the cartridge says'
# but for tar's own reading of the drive, for this tgt sends short records wrongly when the buffer is not twice their size
unload_all
mkdir -p /srv/hand /tmp/label; cd /srv/hand
for barcode in VT0001L8 VT0002L8; do
  thread "$barcode"
  dd if="$FIRST" bs=512k status=none | tar -C /tmp/label -xpf -
  grep -F "\"$barcode\"" /tmp/label/VOLUME.json
  file=1
  while mt -f "$FIRST" rewind && mt -f "$FIRST" fsf $file 2>/dev/null && dd if="$FIRST" bs=512k status=none 2>/dev/null | tar --xattrs -xpvf - >/tmp/names 2>/tmp/tar; do
    # names of one file in one archive are one file again
    grep -xF -e photos/2026/picture-2.raw -e photos/2026/hard-link.raw -e photos/.hidden/hard-link.raw /tmp/names >/tmp/links || :
    while read -r name; do [ "$name" -ef "$(head -n 1 /tmp/links)" ]; done </tmp/links
    echo "tape file $file"; file=$((file + 1)); [ $file -lt 40 ]
  done
  echo "tape file $file: no archive: $(tail -n 1 /tmp/tar)"
  put_back
done
join() { # NAME PARTS: the two commands of the README for a file in parts
  sed -n 's/^    \(cat NAME.part.*\)/\1/p; s/^    \(cp .* NAME.part.*\)/\1/p' /tmp/label/README.txt |
    sed "s#NAME.part-00001-of-00012#$2-00001-of-*#; s#NAME.part-\*#$2-*#; s#NAME#\"$1\"#" >/tmp/join
  [ "$(wc -l </tmp/join)" = 2 ]; cat /tmp/join; . /tmp/join
}
join photos/film.mp4 photos/film.mp4.part
rm photos/film.mp4.part-*
for folder in .caravan/parts/*; do join "$(cat "$folder/name")" "$folder/part"; done
cd /
diff -r --no-dereference /srv/photos /srv/hand/photos
[ "$(getfattr -n user.comment --only-values /srv/hand/photos/film.mp4)" = 'of a film in parts' ]
echo 'same: by hand'
rm -r /srv/hand
echo done
