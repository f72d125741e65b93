#!/bin/bash
# Runs in the VM: what the caravan command does with a cartridge of another program, with swapped stickers, and with a
# drive that another program has. Prints a transcript.
#   tapevm.sh -j JDK -s target --drives 2 --slots 3 --tape-mib 20 -- bash tape-vm-faults/faults.sh
# shellcheck source=program.sh
. "$(dirname "$0")/program.sh"

mkdir /tmp/letters /tmp/nas
for n in 1 2 3; do echo "letter $n" >/tmp/letters/$n.txt; done
export CARAVAN_HOME=/tmp/home
caravan init --source /tmp/letters --nas /tmp/nas --offsite embedded \
  --tape-drive "$FIRST" --tape-drive "$SECOND" --tape-changer "$CHANGER"

say 'another program has written on the cartridge that comes first'
foreign() { thread VT0001L8; [ "$(tar -b 512 -tf "$FIRST")" = passwd ]; put_back; }
thread VT0001L8; tar -C /etc -b 512 -cf "$FIRST" passwd; put_back
caravan backup   # takes the next one
unload_all
foreign
[ "$(caravan tape list --json | grep -c '"pool":"weekly"')" = 1 ]
refused 'VT0001L8 is not labelled: it is WORM and has been written on' tape label VT0001L8   # tgt says so of every cartridge
refused 'another program has written on it' tape verify VT0001L8
unload_all
foreign
echo 'same: the cartridge of another program'

say 'the stickers of that one and of ours are swapped'
swap() { mv /scratch/vtl/VT0001L8 /scratch/vtl/swapped; mv /scratch/vtl/VT0002L8 /scratch/vtl/VT0001L8; mv /scratch/vtl/swapped /scratch/vtl/VT0002L8; }
swap
refused 'its label says it is volume VT0002L8' tape verify VT0001L8
refused '7 copies count no more' tape verify VT0002L8   # three letters, and what the ledger copies of itself
refused 'another program has written on it' restore . --to /tmp/swapped --from tape
[ ! -e /tmp/swapped/1.txt ]
unload_all
swap
caravan tape verify VT0002L8
caravan restore . --to /tmp/back --from tape
diff -r /tmp/letters /tmp/back
echo 'same: with the right stickers'
unload_all

say 'another program has a drive open'
caravan tape load VT0003L8 --drive 0
exec 9<"$FIRST"
caravan tape drives
refused 'another program has the drive open' tape unload VT0003L8
exec 9<&-
caravan tape unload VT0003L8
echo done
