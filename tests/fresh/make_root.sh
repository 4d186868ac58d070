#!/usr/bin/env bash
# Part of fresh_test.sh, in its mount namespace: makes the minimal root in $scratch/root and runs the commands in it.
set -euo pipefail

say() { printf 'fresh: %s\n' "$*" >&2; }
root=$scratch/root

# The base of the root is kept for a week: what is newer comes by apt.
base=$cache/base-$(cksum <<<"$sources $release" | cut -d ' ' -f 1).tar
if [[ -z $(find "$base" -mtime -7 2>/dev/null) ]]; then
  say "making a minimal Debian 12"
  read -r _ uri suite _ < <(awk -v release="$release" '$3 == release' <<<"$sources")
  mkdir -p "$cache/bootstrap"
  debootstrap --variant=minbase --cache-dir="$cache/bootstrap" "$suite" "$scratch/base" "$uri" \
    >"$scratch/debootstrap.log" 2>&1 || { tail -n 40 "$scratch/debootstrap.log" >&2; exit 1; }
  tar -C "$scratch/base" --numeric-owner -cf "$base.new" .
  mv "$base.new" "$base"
  rm -rf --one-file-system "$scratch/base"
fi
mkdir "$root"
tar -C "$root" --numeric-owner -xf "$base"

# The package source, with its keys and how to reach it, as this machine has it.
cat >"$root/etc/apt/sources.list" <<<"$sources"
cp -r /etc/apt/trusted.gpg.d "$root/etc/apt/"
apt-config dump --no-empty Acquire | grep -v IndexTargets >"$root/etc/apt/apt.conf.d/00machine"
cp -r /etc/apt/auth.conf.d "$root/etc/apt/" 2>/dev/null || true
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
# Only this root has no need to survive a loss of power.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"

mkdir -p "$cache/archives" "$cache/ccache" "$root/cache/ccache"
chmod 1777 "$cache/ccache"
mount --bind "$cache/archives" "$root/var/cache/apt/archives"
mount --bind "$cache/ccache" "$root/cache/ccache"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
cp "$here/in_root.sh" "$root/in_root.sh"
user_home=/home
user_home+=/newcomer  # Inside the root; the rules of style take a whole one for a path of this machine.
root_home=/root
cp -r "$scratch/clone" "$root$root_home/cicada"

# Nothing of this machine's environment gets in, except the compiler cache, which a newcomer has not.
enter() {
  chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb LC_ALL=C.UTF-8 \
    CCACHE_DIR=/cache/ccache CCACHE_UMASK=000 CCACHE_NOHASHDIR=yes "$@"
}
enter HOME=/root CCACHE_BASEDIR="$root_home/cicada" /in_root.sh as_root
# A user with sudo, who finds nothing of what root has built.
enter HOME=/root sh -c 'apt-get -qq install --yes --no-install-recommends sudo >/dev/null 2>&1 &&
  useradd --create-home newcomer && echo "newcomer ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/newcomer'
cp -r "$scratch/clone" "$root$user_home/cicada"
chroot "$root" chown -R newcomer: "$user_home/cicada"
enter HOME="$user_home" CCACHE_BASEDIR="$user_home/cicada" setpriv --reuid newcomer --regid newcomer --init-groups /in_root.sh as_user
