#!/bin/bash
# Runs in the VM: the contract of a drive on the tape library and on the drive of scsi_debug.
#   tapevm.sh -k backports -j JDK -s target --drives 1 --slots 2 --tape-mib 2 -- bash tape-vm/contract.sh CLASS...
# The share holds classes/, test-classes/ and tape-vm/lib/; the results are left in tape-vm/results.
set -eu
# shellcheck source=/dev/null
. /etc/tape-env.sh
WORK=/host/tape-vm
TAPE_CHANGER=$(tape_changer); TAPE_DRIVE=$(tape_drive 0); TAPE_DEBUG_DRIVE=$(tape_debug_up)
for d in "$TAPE_DRIVE" "$TAPE_DEBUG_DRIVE"; do
  [ "$(stat -c %t "$d")" = 9 ] || { echo "$d is no tape device" >&2; exit 1; }
done
export TAPE_CHANGER TAPE_DRIVE TAPE_DEBUG_DRIVE
echo "kernel $(uname -r), tgt $TAPE_DRIVE, scsi_debug $TAPE_DEBUG_DRIVE"
exec java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xmx512m --enable-native-access=ALL-UNNAMED \
  -cp "/host/classes:/host/test-classes:$WORK/lib/*" dev.caravan.tape.linux.ContractRunner "$WORK/results" "$@"
