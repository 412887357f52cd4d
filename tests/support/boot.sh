#!/bin/sh
# Boots systemd on a copy-on-write view of this machine, as process 1 of its own namespaces: boot.sh FOLDER SOURCE PYTHON.
# FOLDER holds `etc-tocsin` (the configuration) and `units`; SOURCE is seen as /opt/src, the Python installation as /opt/python. All that is written
# stays in memory, and goes with the last process.
set -e
folder=$1 source=$2 python=$3
mount --make-rprivate /
mkdir -p "$folder/layers"
mount -t tmpfs tmpfs "$folder/layers"
mkdir "$folder/layers/upper" "$folder/layers/work" "$folder/layers/root"
root=$folder/layers/root
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/layers/upper,workdir=$folder/layers/work" "$root"
mkdir -p "$root/opt/src" "$root/opt/python" "$root/opt/tocsin/bin" "$root/etc/tocsin" "$root/etc/systemd/system"
mount --bind -o ro "$source" "$root/opt/src"
mount --bind -o ro "$python" "$root/opt/python"
cp -r "$folder/units/." "$root/etc/systemd/system/"
cp "$source/deploy/systemd/tocsin.sysusers" "$root/usr/lib/sysusers.d/tocsin.conf"
cp "$source/deploy/systemd/tocsin.tmpfiles" "$root/usr/lib/tmpfiles.d/tocsin.conf"
cp -r "$folder/etc-tocsin/." "$root/etc/tocsin/"
cp "$folder/tocsin" "$root/opt/tocsin/bin/tocsin"
chmod 755 "$root/opt/tocsin/bin/tocsin"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/dev/shm" # what others have there is theirs: our user may have the number of one of theirs
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
cd "$root"
mkdir -p old
pivot_root . old
umount -l /old
systemd-sysusers
systemd-tmpfiles --create /usr/lib/tmpfiles.d/tocsin.conf
chgrp tocsin /etc/tocsin/tocsin.toml
chmod 640 /etc/tocsin/tocsin.toml
export container=other
exec /usr/lib/systemd/systemd --system --unit=tocsin.target --log-target=console
