#!/bin/bash
# Runs in the VM: the caravan command on the tape library, from two blank cartridges to a restore from nothing but them.
#   tapevm.sh -j JDK -s target --drives 2 --slots 3 --tape-mib 20 -- bash tape-vm-commands/commands.sh
# The share holds the program, caravan-*.jar and lib/, and tape-vm-commands/caravan, its launcher. Prints a transcript.
set -eu
# shellcheck source=/dev/null
. /etc/tape-env.sh
CHANGER=$(tape_changer) FIRST=$(tape_drive 0) SECOND=$(tape_drive 1)

# --- the library: three blank LTO-8 cartridges, and a mail slot ---------------------------------------------------------
lu() { tgtadm -C 1 --lld iscsi --mode logicalunit --tid 1 --op update --lun 3 --params "$1"; }
for n in 1 2 3; do
  tgtimg --op new --device-type tape --barcode "VT000${n}L8" --size "$TAPE_MIB" --type data --file "/scratch/vtl/VT000${n}L8" >/dev/null
  lu "element_type=2,address=$((3 + n)),barcode=VT000${n}L8,sides=1"
done
lu element_type=3,start_address=20,quantity=1
# a person at the mail slot
take_out() { lu element_type=3,address=20,clear_slot=1; }
put_in() { lu "element_type=3,address=20,barcode=$1,sides=1"; }

# --- the program: read from memory, for the share is slow -----------------------------------------------------------------
mkdir /tmp/program
cp -r /host/lib /host/tape-vm-commands/caravan /tmp/program
for jar in /host/caravan-*.jar; do
  case $jar in *-camel-tape.jar | *-sources.jar | *-javadoc.jar) ;; *) cp "$jar" /tmp/program/caravan.jar ;; esac
done
export CARAVAN_JAR=/tmp/program/caravan.jar CARAVAN_AOT=off CARAVAN_JAVA_OPTS=-XX:TieredStopAtLevel=1
export CARAVAN_TAPE_SEGMENT=3MiB   # small, so that several segments and a file in parts fit on such cartridges
caravan() {
  printf '\n$ caravan'; printf ' %q' "$@"; echo
  local code=0
  bash /tmp/program/caravan "$@" || code=$?
  read -r up _ </proc/uptime
  echo "[exit $code, $up s]"
  return "$code"
}
say() { printf '\n### %s\n' "$*"; }

# --- something to protect ------------------------------------------------------------------------------------------------
mkdir -p /tmp/photos/2026/letters /tmp/photos/empty $'/tmp/photos/odd \xff\xfe *?[] \'"\\' /tmp/nas
cd /tmp/photos
for n in 1 2 3 4 5 6 7 8; do
  for m in 1 2 3; do head -c $((700000 + n * 41111 + m * 777)) /dev/urandom >"2026/picture-$n$m.raw"; done
done
for n in $(seq 60); do echo "letter $n" >"2026/letters/letter $n.txt"; done
echo 'a name of two lines' > $'odd \xff\xfe *?[] \'"\\/line\nbreak'
echo 'an option' > ./--from
echo 'spaces' > ' both ends '
: > nothing
printf 'a%.0s' $(seq 255) >/tmp/long; echo long >"$(cat /tmp/long)"
ln -s 2026/picture-11.raw link; ln -s /nowhere/at/all dangling; ln -s ../empty 2026/folder
ln 2026/picture-12.raw 2026/hard-link.raw
head -c 7500001 /dev/urandom >film.mp4
chmod 640 2026/picture-13.raw; chmod 700 empty
touch -d '1969-07-20 20:17:40.123456789 UTC' 2026/picture-21.raw
touch -d '2101-01-01 00:00:00.5 UTC' 2026/picture-22.raw
touch -h -d '2001-02-03 04:05:06 UTC' link
touch -d '1999-12-31 23:59:59 UTC' empty
cd /
# names, kinds, modes, sizes, times and link targets, and the bytes: of all but the file in parts where told
list() {
  (cd "$1" && { find . -mindepth 1 ! -name "$2" \( -type d -printf '%P d %m %T@\0' -o -printf '%P %y %m %s %T@ %l\0' \) | LC_ALL=C sort -z
    find . -mindepth 1 ! -name "$2" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum -z; })
}
same() { # FOLDER NAME-LEFT-OUT WHAT
  list /tmp/photos "$2" >/tmp/want; list "$1" "$2" >/tmp/have
  if cmp -s /tmp/want /tmp/have; then
    echo "same: $3: $(tr -cd '\0' </tmp/have | wc -c) lines of names, times, modes, links and hashes"
  else
    echo "different: $3"; diff -a <(tr '\0' '\n' </tmp/want) <(tr '\0' '\n' </tmp/have) | head -n 40; exit 1
  fi
}

say 'a new user with blank cartridges: two commands to the first backup'
export CARAVAN_HOME=/tmp/home
caravan init --source /tmp/photos --nas /tmp/nas --offsite embedded \
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

say 'the file in parts comes back from tape'
caravan restore film.mp4 --to /tmp/parts --from tape
cmp /tmp/photos/film.mp4 /tmp/parts/film.mp4
echo 'same: the file in parts'

say 'a cartridge is read back cold, carried to a vault, and brought back'
caravan tape verify VT0002L8   # without a file in parts, which verify does not know yet
caravan tape unload VT0001L8
caravan tape export VT0001L8
take_out
caravan tape vault out VT0001L8 --to BANK
caravan tape list
if caravan restore 2026/picture-11.raw --to /tmp/vaulted --from tape; then echo 'different: restored from a vault'; exit 1; fi
put_in VT0001L8
caravan tape import
caravan tape vault in VT0001L8

say 'the machine is lost: a new home, nothing but the bare cartridges'
mv /tmp/home /tmp/lost; mv /tmp/nas /tmp/lost-nas; mkdir /tmp/nas
mv /tmp/photos /tmp/kept; mkdir /tmp/photos
caravan init --source /tmp/photos --nas /tmp/nas --offsite embedded \
  --tape-drive "$FIRST" --tape-drive "$SECOND" --tape-changer "$CHANGER"
rebuilt=0; caravan tape rebuild --all || rebuilt=$?
rmdir /tmp/photos; mv /tmp/kept /tmp/photos
caravan tape list
restored=0; caravan restore . --to /tmp/back --from tape || restored=$?
same /tmp/back film.mp4 'restored from nothing but the cartridges'
if [ "$rebuilt$restored" = 00 ] && [ -e /tmp/back/film.mp4 ]; then same /tmp/back / 'with the file in parts'; fi
caravan tape verify VT0002L8
echo done
