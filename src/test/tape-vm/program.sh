# Sourced in the VM by commands.sh and faults.sh: the tape library, and the caravan command.
# The share is the build's target: caravan-*.jar and lib/ are the program, and beside the script is its launcher, caravan.
# shellcheck shell=bash
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
slot() { mtx -f "$CHANGER" status | sed -n "s/^ *Storage Element \([0-9]*\).*:Full.*VolumeTag *= *$1 *\$/\1/p"; }
# a cartridge into the first drive, and back
thread() { SLOT=$(slot "$1"); mtx -f "$CHANGER" load "$SLOT" 0 >/dev/null; mt -f "$FIRST" setblk 0; mt -f "$FIRST" rewind; }
put_back() { mtx -f "$CHANGER" unload "$SLOT" 0 >/dev/null; }
unload_all() {
  for barcode in $(mtx -f "$CHANGER" status | sed -n 's/^ *Data Transfer Element.*:Full.*VolumeTag *= *\([A-Z0-9]*\).*/\1/p'); do
    caravan tape unload "$barcode"
  done
}

# --- the program: read from memory, for the share is slow -----------------------------------------------------------------
mkdir /tmp/program
cp -r /host/lib "$(dirname "$0")/caravan" /tmp/program
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
refused() { # TEXT ARGUMENT...: the command ends with 1 and says TEXT
  local text=$1 code=0
  shift
  caravan "$@" >/tmp/said 2>&1 || code=$?
  cat /tmp/said
  if [ "$code" = 1 ] && grep -qF -- "$text" /tmp/said; then echo "refused: $text"; else echo "different: not refused: $text"; exit 1; fi
}
say() { printf '\n### %s\n' "$*"; }
