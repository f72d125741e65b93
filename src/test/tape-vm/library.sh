#!/bin/bash
# Runs in the VM: the contract of a changer on the tape library, and a backup and restore through the library.
#   tapevm.sh -j JDK -s target --drives 2 --slots 2 --tape-mib 20 -- bash tape-vm-library/library.sh
# The share holds classes/, test-classes/ and tape-vm-library/lib/; the results are left in tape-vm-library/results.
set -eu
# shellcheck source=/dev/null
. /etc/tape-env.sh
WORK=/host/tape-vm-library
# the library of the contract: two cartridges, an empty slot and a mail slot
lu() { tgtadm -C 1 --lld iscsi --mode logicalunit --tid 1 --op update --lun 3 --params "$1"; }
for n in 1 2; do
  tgtimg --op new --device-type tape --barcode "VT000${n}L8" --size "$TAPE_MIB" --type data --file "/scratch/vtl/VT000${n}L8" >/dev/null
  lu "element_type=2,address=$((3 + n)),barcode=VT000${n}L8,sides=1"
done
lu element_type=2,start_address=6,quantity=1
lu element_type=3,start_address=20,quantity=1
TAPE_CHANGER=$(tape_changer); export TAPE_CHANGER
# not in the order of the changer, which must not matter
FIRST=$(tape_drive 1); SECOND=$(tape_drive 0)
for d in "$FIRST" "$SECOND"; do
  [ "$(stat -c %t "$d")" = 9 ] || { echo "$d is no tape device" >&2; exit 1; }
done
mtx -f "$TAPE_CHANGER" status
run() {
  java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m --enable-native-access=ALL-UNNAMED \
    -cp "/host/classes:/host/test-classes:$WORK/lib/*" "$@"
}
run dev.caravan.tape.linux.ContractRunner "$WORK/results" dev.caravan.tape.linux.TgtChangerContract
run dev.caravan.tape.TapeLibraryInVm /tmp/inventory "$TAPE_CHANGER" "$FIRST" "$SECOND"
