package dev.caravan.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A connection to the file of a ledger, its transaction and its prepared statements. Methods throw
/// [SQLException] if a statement fails. Confined to one thread at a time.
final class Session {
    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    Session(Connection connection) {
        this.connection = connection;
    }

    /// Begins a transaction; outside of one each statement is its own.
    void begin() throws SQLException {
        connection.setAutoCommit(false);
    }

    /// Ends the transaction: all of it holds.
    void commit() throws SQLException {
        connection.commit();
        connection.setAutoCommit(true);
    }

    /// Ends the transaction: nothing of it holds.
    void rollBack() throws SQLException {
        connection.rollback();
        connection.setAutoCommit(true);
    }

    /// Ends a transaction that failed, and adds to the cause what fails at that.
    ///
    /// SQLite itself rolls back when the disk is full; a second rollback must not hide that. The
    /// driver closes a statement that failed so, and it would fail for ever.
    void rollBack(Exception cause) {
        forgetStatements();
        try {
            connection.rollback();
        } catch (SQLException alreadyDone) {
            cause.addSuppressed(alreadyDone);
        }
        try {
            connection.setAutoCommit(true);
        } catch (SQLException broken) {
            cause.addSuppressed(broken);
        }
    }

    void forgetStatements() {
        for (PreparedStatement statement : statements.values()) {
            try {
                statement.close();
            } catch (SQLException closed) {
                continue; // as it shall be
            }
        }
        statements.clear();
    }

    private PreparedStatement prepared(String sql, @Nullable Object... values) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < values.length; i++) {
            bind(statement, i + 1, values[i]);
        }
        return statement;
    }

    private static void bind(PreparedStatement statement, int at, @Nullable Object value)
            throws SQLException {
        switch (value) {
            case null -> statement.setNull(at, java.sql.Types.NULL);
            case Long number -> statement.setLong(at, number);
            case Integer number -> statement.setInt(at, number);
            case Boolean flag -> statement.setInt(at, flag ? 1 : 0);
            case byte[] bytes -> statement.setBytes(at, bytes);
            case Enum<?> constant -> statement.setString(at, constant.name());
            default -> statement.setString(at, value.toString());
        }
    }

    /// Runs a statement; returns the number of rows it changed.
    int run(String sql, @Nullable Object... values) throws SQLException {
        return prepared(sql, values).executeUpdate();
    }

    /// Inserts a row; returns its id, which every table that is inserted into this way has.
    long insert(String sql, @Nullable Object... values) throws SQLException {
        return one(sql + " RETURNING id", r -> r.getLong(1), values);
    }

    void script(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    void each(String sql, RowVisitor visitor, @Nullable Object... values) throws SQLException {
        try (var rows = prepared(sql, values).executeQuery()) {
            while (rows.next()) {
                visitor.visit(rows);
            }
        }
    }

    /// Visits rows up to one that says it is the last; no row behind that is fetched.
    void eachWhile(String sql, RowTest goesOn, @Nullable Object... values) throws SQLException {
        try (var rows = prepared(sql, values).executeQuery()) {
            boolean more = true;
            while (more && rows.next()) {
                more = goesOn.test(rows);
            }
        }
    }

    <T> List<T> list(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        var all = new java.util.ArrayList<T>();
        each(sql, rows -> all.add(row.map(rows)), values);
        return all;
    }

    /// The first rows, up to one that is refused; no row behind that is fetched.
    <T> List<T> listWhile(String sql, Row<T> row, Predicate<T> accepted, @Nullable Object... values)
            throws SQLException {
        var all = new java.util.ArrayList<T>();
        try (var rows = prepared(sql, values).executeQuery()) {
            while (rows.next()) {
                T next = row.map(rows);
                if (!accepted.test(next)) {
                    break;
                }
                all.add(next);
            }
        }
        return all;
    }

    <T extends @Nullable Object> @Nullable T first(
            String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        try (var rows = prepared(sql, values).executeQuery()) {
            return rows.next() ? row.map(rows) : null;
        }
    }

    <T> T one(String sql, Row<T> row, @Nullable Object... values) throws SQLException {
        T found = first(sql, row, values);
        if (found == null) {
            throw new SQLException("no row for: " + sql);
        }
        return found;
    }

    void close() {
        try {
            connection.close();
        } catch (SQLException failed) {
            throw new LedgerException("unable to close the ledger", failed);
        }
    }

    @FunctionalInterface
    interface Row<T extends @Nullable Object> {
        T map(java.sql.ResultSet row) throws SQLException;
    }

    @FunctionalInterface
    interface RowTest {
        boolean test(java.sql.ResultSet row) throws SQLException;
    }

    @FunctionalInterface
    interface RowVisitor {
        void visit(java.sql.ResultSet row) throws SQLException;
    }
}
