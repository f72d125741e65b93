package dev.caravan.tape.pool;

import dev.caravan.tape.drive.Drive;
import dev.caravan.tape.drive.DriveIdentity;
import dev.caravan.tape.drive.DriveStatus;
import dev.caravan.tape.drive.MediumReport;
import dev.caravan.tape.drive.ReadResult;
import dev.caravan.tape.drive.TapeException;
import dev.caravan.tape.drive.WriteResult;
import dev.caravan.tape.vtl.VirtualLibrary;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;

/// A single drive: what it unloads is in the hand of the person, and no longer in the drive.
final class EjectingDrive implements Drive {
    private final VirtualLibrary machine;
    private final int number;
    private final Drive drive;
    private final boolean memory;
    private boolean ejected;

    /// @param memory whether the drive gives the memory of the cartridge, and its barcode with it
    EjectingDrive(VirtualLibrary machine, int number, boolean memory) throws TapeException {
        this.memory = memory;
        this.machine = machine;
        this.number = number;
        this.drive = machine.open(number);
    }

    @Override
    public void unload() throws TapeException {
        drive.unload();
        ejected = true;
    }

    @Override
    public void close() throws TapeException {
        drive.close();
        if (ejected) {
            machine.unload(number);
        }
    }

    @Override
    public String device() {
        return drive.device();
    }

    @Override
    public WriteResult write(ByteBuffer record) throws TapeException {
        return drive.write(record);
    }

    @Override
    public void writeFilemarks(int count) throws TapeException {
        drive.writeFilemarks(count);
    }

    @Override
    public ReadResult read(ByteBuffer buffer) throws TapeException {
        return drive.read(buffer);
    }

    @Override
    public void rewind() throws TapeException {
        drive.rewind();
    }

    @Override
    public void seek(long block) throws TapeException {
        drive.seek(block);
    }

    @Override
    public void spaceFilemarks(int count) throws TapeException {
        drive.spaceFilemarks(count);
    }

    @Override
    public void seekToEndOfData() throws TapeException {
        drive.seekToEndOfData();
    }

    @Override
    public OptionalLong position() throws TapeException {
        return drive.position();
    }

    @Override
    public DriveStatus status() throws TapeException {
        return drive.status();
    }

    @Override
    public DriveIdentity identity() throws TapeException {
        return drive.identity();
    }

    @Override
    public MediumReport medium() throws TapeException {
        MediumReport report = drive.medium();
        return memory
                ? report
                : new MediumReport(
                        Optional.empty(), report.alerts(), report.density(), report.worm());
    }
}
