# shellcheck shell=bash disable=SC2034 # the variables are for the script that sources this
# An OpenSSH server of our own on loopback, for as long as the script that sources this file runs.
#
# offsite_start FOLDER LOGIN   keys, configuration and log go to FOLDER; SFTP starts in the folder LOGIN. Sets:
#   offsite_user  offsite_key  offsite_known_hosts
#   sftp_port     logs in to SFTP only, as at a storage provider
#   shell_port    logs in to a shell, for tar over ssh
# offsite_stop           ends these two servers and nothing else

offsite_pids=()

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

offsite_start() {
    local folder=$1 login=$2 sshd port name
    sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
    mkdir -p "$folder"
    chmod 700 "$folder"
    [[ $EUID -ne 0 ]] || mkdir -p /run/sshd # sshd's own privilege separation folder
    offsite_user=$(id -un)
    offsite_key=$folder/id offsite_known_hosts=$folder/known_hosts
    ssh-keygen -q -t ed25519 -N '' -C bench -f "$folder/id"
    ssh-keygen -q -t ed25519 -N '' -C bench-host -f "$folder/host"
    cp "$folder/id.pub" "$folder/authorized_keys"
    sftp_port=$(free_port)
    shell_port=$(free_port)
    : >"$offsite_known_hosts"
    for name in sftp shell; do
        port=${name}_port
        port=${!port}
        cat >"$folder/$name.conf" <<CONF
Port $port
ListenAddress 127.0.0.1
HostKey $folder/host
PidFile $folder/$name.pid
AuthorizedKeysFile $folder/authorized_keys
AllowUsers $offsite_user
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
MaxStartups 100
MaxSessions 100
Subsystem sftp internal-sftp
CONF
        [[ $name == shell ]] || echo "ForceCommand internal-sftp -d $login" >>"$folder/$name.conf"
        "$sshd" -t -f "$folder/$name.conf"
        "$sshd" -D -e -f "$folder/$name.conf" 2>"$folder/$name.log" &
        offsite_pids+=($!)
        printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d' ' -f1,2 "$folder/host.pub")" >>"$offsite_known_hosts"
    done
    for _ in {1..50}; do
        sleep 0.1
        if (: <"/dev/tcp/127.0.0.1/$sftp_port") 2>/dev/null && (: <"/dev/tcp/127.0.0.1/$shell_port") 2>/dev/null; then
            return 0
        fi
    done
    cat "$folder"/*.log >&2
    echo "the OpenSSH server did not start" >&2
    return 1
}

offsite_stop() {
    local pid
    for pid in "${offsite_pids[@]}"; do
        kill "$pid" 2>/dev/null || :
        wait "$pid" 2>/dev/null || :
    done
    offsite_pids=()
}
