package dev.caravan.target;

import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.SftpException;

/// What to look at where JSch, the client behind Camel's `sftp:`, does not say it.
public final class JschFailures {
    /// In its message about a key that was refused.
    public static final String NO_LOGIN = "Auth fail";

    private JschFailures() {}

    /// @return what goes behind the message; empty for a failure that says it, and those of others
    public static String hint(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SftpException refused
                    && refused.id == ChannelSftp.SSH_FX_FAILURE) {
                return "; SFTP has no word for a full disk: is it full?";
            }
            if (String.valueOf(cause.getMessage()).contains(NO_LOGIN)) {
                return ": is the key's public half in the account's authorized_keys?";
            }
        }
        return "";
    }
}
