package dev.caravan.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands are real ones: what they do is written to `did`.
class SourceHooksTest {
    private static final Duration LONG = Duration.ofMinutes(5);
    private static final String MADE = "echo made >>did";
    private static final String UNDONE = "echo undone >>did";

    @TempDir Path home;
    private Path docs;
    private final List<String> letGo = new ArrayList<>();

    @BeforeEach
    void makeFolders() throws IOException {
        docs = Files.createDirectory(home.resolve("docs"));
        Files.writeString(home.resolve("did"), "");
    }

    @Test
    void whatIsMadeBeforeAScanIsUndoneWhenTheSourceIsReleased() throws IOException {
        SourceHooks hooks = hooks(MADE, UNDONE);

        hooks.prepare("docs");
        assertThat(did()).containsExactly("made");
        assertThat(hooks.anyHeld()).isTrue();
        assertThat(mark()).exists();

        hooks.release();
        assertThat(did()).containsExactly("made", "undone");
        assertThat(hooks.anyHeld()).isFalse();
        assertThat(mark()).doesNotExist();
        assertThat(hooks.takeFailures()).isEmpty();
        assertThat(letGo).containsExactly("docs", "docs");
    }

    @Test
    void aSecondScanOfTheSamePassSeesTheSame() throws IOException {
        SourceHooks hooks = hooks(MADE, UNDONE);

        hooks.prepare("docs");
        hooks.prepare("docs");
        hooks.close();
        hooks.release();

        assertThat(did()).containsExactly("made", "undone");
    }

    @Test
    void aSourceWithoutCommandsIsAlwaysReady() throws IOException {
        SourceHooks hooks = hooks(MADE, UNDONE);

        hooks.prepare("other");

        assertThat(hooks.<String>open("other", () -> "open")).isEqualTo("open");
        assertThat(did()).isEmpty();
    }

    @Test
    void aCommandIsToldWhatItIsForAndNothingElseOfTheEnvironment() throws IOException {
        SourceHooks hooks = hooks("env | sort >>did; pwd >>did; cat >>did", "");

        hooks.prepare("docs");

        assertThat(did())
                .contains(
                        "CARAVAN_SOURCE=docs",
                        "CARAVAN_DIR=" + docs,
                        "CARAVAN_HOME=" + home,
                        "LC_ALL=C.UTF-8")
                .last()
                .isEqualTo(home.toRealPath().toString());
        assertThat(did().stream().filter(line -> line.contains("=")).map(SourceHooksTest::name))
                .isSubsetOf(
                        "CARAVAN_SOURCE",
                        "CARAVAN_DIR",
                        "CARAVAN_HOME",
                        "HOME",
                        "USER",
                        "LOGNAME",
                        "TZ",
                        "PATH",
                        "LC_ALL",
                        "PWD",
                        "OLDPWD",
                        "SHLVL",
                        "_");
    }

    @Test
    void aBeforeThatFailsIsUndoneAtOnceAndSaysWhyInOneLine() throws IOException {
        SourceHooks hooks =
                hooks(
                        "echo one; echo two; echo; echo three >&2; printf 'fo\\033ur'; exit 7",
                        UNDONE);

        assertThatThrownBy(() -> hooks.prepare("docs"))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "source 'docs': its command before failed with exit code 7: two / three / fo ur; nothing of it was picked up");

        assertThat(did()).containsExactly("undone");
        assertThat(hooks.anyHeld()).isFalse();
        assertThat(mark()).doesNotExist();
        assertThat(hooks.takeFailures()).isEmpty();
    }

    @Test
    void aBeforeThatTakesTooLongIsEndedWithAllItStarted() throws IOException {
        SourceHooks hooks =
                hooks(
                        "trap '' TERM; sh -c 'echo $$ >child; exec sleep 300' & echo waits; wait; sleep 300",
                        UNDONE,
                        Duration.ofSeconds(1),
                        LONG);

        assertThatThrownBy(() -> hooks.prepare("docs"))
                .hasMessageContaining("took longer than 1s and was ended: waits");

        assertThat(did()).containsExactly("undone");
        assertEnds(Long.parseLong(Files.readString(home.resolve("child")).strip()));
    }

    @Test
    void aProgramThatIsNotThereIsToldLikeAnyOtherFailure() {
        SourceHooks hooks =
                new SourceHooks(
                        List.of(
                                new Commands(
                                        "docs",
                                        docs.toString(),
                                        List.of("/no/such/program"),
                                        List.of(),
                                        LONG,
                                        LONG)),
                        home,
                        home.resolve("held"),
                        letGo::add);

        assertThatThrownBy(() -> hooks.prepare("docs"))
                .hasMessageContaining("its command before can not be run")
                .hasMessageContaining("/no/such/program");
        assertThat(mark()).doesNotExist();
    }

    @Test
    void whatACommandLeavesRunningHoldsNothingUp() throws IOException {
        SourceHooks hooks = hooks("sleep 60 & echo $! >child", "");

        long began = System.nanoTime();
        hooks.prepare("docs");

        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
        ProcessHandle.of(Long.parseLong(Files.readString(home.resolve("child")).strip()))
                .ifPresent(ProcessHandle::destroy);
    }

    @Test
    void anAfterThatFailsIsToldAndTriedAgainBeforeTheNextScan() throws IOException {
        SourceHooks hooks = hooks(MADE, "test -e may || { echo busy; exit 1; }; " + UNDONE);
        hooks.prepare("docs");

        hooks.release();
        assertThat(hooks.takeFailures())
                .containsExactly("source 'docs': its command after failed with exit code 1: busy");
        assertThat(mark()).exists();
        hooks.release();
        assertThat(hooks.takeFailures()).isEmpty();

        Files.createFile(home.resolve("may"));
        hooks.prepare("docs");
        assertThat(did()).containsExactly("made", "undone", "made");
    }

    @Test
    void whatAKilledProgramLeftIsUndoneByTheNextOne() throws IOException {
        hooks(MADE, UNDONE).prepare("docs");

        SourceHooks next = hooks(MADE, UNDONE);
        next.undoLeftOver();

        assertThat(did()).containsExactly("made", "undone");
        assertThat(mark()).doesNotExist();
        next.undoLeftOver();
        assertThat(did()).containsExactly("made", "undone");
    }

    @Test
    void aBeforeThatOutlivedItsProgramIsEndedBeforeItIsUndone() throws Exception {
        SourceHooks killed = hooks("echo $$ >child; exec sleep 300", UNDONE);
        CompletableFuture<Void> hangs = preparing(killed);
        await().until(() -> mark().toFile().length() > 0 && childIsNamed());

        hooks(MADE, UNDONE).undoLeftOver();

        assertEnds(Long.parseLong(Files.readString(home.resolve("child")).strip()));
        await().until(hangs::isDone);
        assertThat(did()).isNotEmpty().containsOnly("undone");
        assertThat(hangs.exceptionNow()).hasMessageContaining("failed with exit code 143");
    }

    @Test
    void aMarkOfASourceThatHasNoCommandsAnyMoreIsForgotten() throws IOException {
        hooks(MADE, UNDONE).prepare("docs");
        SourceHooks without = new SourceHooks(List.of(), home, home.resolve("held"), letGo::add);

        without.undoLeftOver();

        assertThat(mark()).doesNotExist();
    }

    @Test
    void whatIsHeldForTooLongIsReleased() throws IOException {
        SourceHooks hooks = hooks(MADE, UNDONE, LONG, Duration.ofMillis(300));
        hooks.prepare("docs");

        await().until(() -> {
            hooks.releaseOverdue();
            return !hooks.anyHeld();
        });
        assertThat(did()).containsExactly("made", "undone");

        SourceHooks longer = hooks(MADE, UNDONE);
        longer.prepare("docs");
        longer.releaseOverdue();
        assertThat(longer.anyHeld()).isTrue();
    }

    @Test
    void aSourceIsReadOnlyWhileItIsHeld() throws IOException {
        SourceHooks hooks = hooks(MADE, UNDONE);

        assertThat(hooks.<String>open("docs", () -> "open")).isNull();
        hooks.prepare("docs");
        assertThat(hooks.<String>open("docs", () -> "open")).isEqualTo("open");
        hooks.release();
        assertThat(hooks.<String>open("docs", () -> "open")).isNull();
    }

    @Test
    void whatIsNeverUndoneCanAlwaysBeRead() throws IOException {
        SourceHooks hooks = hooks(MADE, "");

        assertThat(hooks.<String>open("docs", () -> "open")).isEqualTo("open");
        hooks.prepare("docs");
        hooks.release();
        assertThat(hooks.<String>open("docs", () -> "open")).isEqualTo("open");
    }

    @Test
    void stoppingEndsABeforeThatRunsAndUndoesIt() throws Exception {
        SourceHooks hooks = hooks("echo $$ >child; exec sleep 300", UNDONE);
        CompletableFuture<Void> hangs = preparing(hooks);
        await().until(this::childIsNamed);

        hooks.stop();

        await().until(hangs::isDone);
        assertThat(hangs.exceptionNow()).hasMessageContaining("was stopped with Caravan");
        assertThat(did()).containsExactly("undone");
        assertThatThrownBy(() -> hooks.prepare("docs")).hasMessageContaining("was stopped");
    }

    /// Where a service stops, its threads are interrupted.
    @Test
    void anInterruptedThreadUndoesAllTheSame() throws IOException {
        SourceHooks hooks = hooks(MADE, "sleep 0.3; " + UNDONE);
        hooks.prepare("docs");

        Thread.currentThread().interrupt();
        hooks.release();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(did()).containsExactly("made", "undone");
        assertThat(mark()).doesNotExist();
        assertThat(hooks.takeFailures()).isEmpty();
    }

    private static CompletableFuture<Void> preparing(SourceHooks hooks) {
        return CompletableFuture.runAsync(() -> {
            try {
                hooks.prepare("docs");
            } catch (IOException failed) {
                throw new IllegalStateException(failed.getMessage(), failed);
            }
        });
    }

    private static void assertEnds(long pid) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    private boolean childIsNamed() throws IOException {
        Path child = home.resolve("child");
        return Files.exists(child) && !Files.readString(child).isBlank();
    }

    private static String name(String variable) {
        return variable.substring(0, variable.indexOf('='));
    }

    private Path mark() {
        return home.resolve("held/docs");
    }

    private List<String> did() throws IOException {
        return Files.readAllLines(home.resolve("did"));
    }

    private SourceHooks hooks(String before, String after) {
        return hooks(before, after, LONG, LONG);
    }

    private SourceHooks hooks(String before, String after, Duration timeout, Duration hold) {
        return new SourceHooks(
                List.of(
                        new Commands(
                                "docs",
                                docs.toString(),
                                shell(before),
                                shell(after),
                                timeout,
                                hold)),
                home,
                home.resolve("held"),
                letGo::add);
    }

    private static List<String> shell(String script) {
        return script.isEmpty() ? List.of() : List.of("/bin/sh", "-c", script);
    }
}
