#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Options and rmmd.conf: what is set, who wins, and what is refused.
# shellcheck source=tests/daemon/lib.sh
. "${srcdir:-.}/tests/daemon/lib.sh"

# conf LINE...: a file of these lines
conf() {
	printf '%s\n' "$@" >"$tmp/conf"
}

# wrong PATTERN LINE...: a file of these lines is refused with this message.
wrong() {
	pattern=$1
	shift
	conf "$@"
	expect 2 "$rmmd" --config "$tmp/conf" --run true
	said err "$pattern"
}

# Everything a file can say.
conf '# a machine' '' 'bank = 0x40000000,1G   # low' \
	'	bank=0x10000000000,1T,dram' 'bank = 0,16M,device' \
	'bank = 16M,16M,secure' 's2sz = 40' 'lpa2 = off' 'sve-vl = off' \
	'num-bps = 5' 'num-wps = 3' 'pmu-ctrs = 6' 'hash = sha-256' \
	'gicv3-lrs = 3' 'max-recs-order = 4' 'vmid-bits = 8' \
	'rec-aux-count = 2' 'seed = 0x10' 'max-clients = 3' \
	'rim-log-limit = 10' 'log-level = debug' "log-file = $tmp/log" \
	'foreground'
expect 0 "$rmmd" --config "$tmp/conf" --run "$probe"
said out '^bank 0 0x1000000 2$'
said out '^bank 0x1000000 0x1000000 3$'
said out '^bank 0x40000000 0x40000000 1$'
said out '^bank 0x10000000000 0x10000000000 1$'
said out '^rec_aux_count 2$'
# s2sz 40, bps 5, wps 3, PMU on with 6, SHA-256, 3 LRs, order 4
said out '^feature_register_0 0x10d34314028$'
said log ' info '

# The command line wins; its banks replace the file's.
expect 0 "$rmmd" --config "$tmp/conf" --rec-aux-count=3 --s2sz 41 \
	--bank 0x80000000,2M --run "$probe"
said out '^rec_aux_count 3$'
said out '^feature_register_0 0x10d34314029$'
said out '^bank 0x80000000 0x200000 1$'
[ "$(grep -c '^bank' "$tmp/out")" = 1 ] || die "banks of the file are left"

# Orders
for order in default spec-random:0 spec-random:18446744073709551615 tf-rmm; do
	conf "order = $order"
	expect 0 "$rmmd" --config "$tmp/conf" --run "$probe"
	said out "^order $order\$"
done
expect 0 "$rmmd" --seed 9 --order spec-random --run "$probe"
said out '^order spec-random:9$'
expect 0 "$rmmd" --run "$probe"
said out '^order default$'
wrong ':1: order: "random" is none of default, spec-random' 'order = random'
wrong ':1: order: tf-rmm draws nothing' 'order = tf-rmm:1'
wrong ':1: order: "x" is not a number' 'order = spec-random:x'

# Choices: each value of each, as --help has them.
expect 0 "$rmmd" --run "$probe"
for first in undelegated=zero unknown-data=zero init-ripas-ram=measure \
	init-ripas-assigned=stop live-top=ipa memattr-reserved=refuse \
	sbz=ignore rem-extend=tf-rmm set-ripas-block=top \
	smccc-version=answer psci-smc32=refuse mmio-write=register \
	icc-trap=exit token=make s2sz-min=32; do
	said out "^choice $first\$"
done
"$rmmd" --help >"$tmp/help"
sed -n '/leaves open/,/^$/s/^ *--\([a-z0-9-]*\) \([a-z|-]*\) .*/\1 \2/p' \
	"$tmp/help" >"$tmp/choices"
# The smallest IPA width is among the choices, and not in this list.
[ "$(wc -l <"$tmp/choices")" = $(($(grep -c '^choice ' "$tmp/out") - 1)) ] ||
	die "--help has other choices than the machine"
while read -r name values; do
	wrong ":1: $name: \"no\" is none of $values" "$name = no"
	for value in $(echo "$values" | tr '|' ' '); do
		conf "$name = $value"
		expect 0 "$rmmd" --config "$tmp/conf" --run "$probe"
		said out "^choice $name=$value\$"
	done
done <"$tmp/choices"
expect 0 "$rmmd" --s2sz-min 16 --s2sz 20 --run "$probe"
said out '^choice s2sz-min=16$'
wrong ':1: s2sz-min: 15 is out of range (16 to 48)' 's2sz-min = 15'
expect 125 "$rmmd" --s2sz 20 --run "$probe"
said err 'S2SZ is 20, must be 32 to 48'

# The user's file is found; --no-config does without.
mkdir -p "$tmp/home/rmmd"
echo 'rec-aux-count = 1' >"$tmp/home/rmmd/rmmd.conf"
expect 0 env XDG_CONFIG_HOME="$tmp/home" "$rmmd" --run "$probe"
said out '^rec_aux_count 1$'
expect 0 env XDG_CONFIG_HOME="$tmp/home" "$rmmd" --no-config --run "$probe"
said out '^rec_aux_count 16$'

# Errors name the file, the line and the key.
wrong "$tmp/conf:2: rec-aux-count: 17 is out of range (0 to 16)" \
	'# one' 'rec-aux-count = 17'
wrong ':1: no-such-key: unknown option' 'no-such-key = 1'
wrong ':1: config: is for the command line only' 'config = /etc/passwd'
wrong ':1: run: is for the command line only' 'run = true'
wrong ':1: "seed 1" has no .=.; write key = value' 'seed 1'
wrong ':1: seed: needs a value' 'seed'
wrong ':1: seed: an empty value' 'seed ='
wrong ':1: seed: "-1" is not a number' 'seed = -1'
wrong ':1: seed: "1x" is not a number' 'seed = 1x'
wrong ':1: seed: "0x" is not a number' 'seed = 0x'
wrong ':1: seed: "99999999999999999999" is not' 'seed = 99999999999999999999'
wrong ':1: a value without a key' '= 1'
wrong ':1: vmid-bits: 12 is neither 8 nor 16' 'vmid-bits = 12'
wrong ':1: hash: "sha-1" is none of' 'hash = sha-1'
wrong ':1: lpa2: "perhaps" is neither' 'lpa2 = perhaps'
wrong ':1: log-level: "loud" is none of' 'log-level = loud'
wrong ':1: bank: "1G" is no bank' 'bank = 1G'
wrong ':1: bank: "4Q" is not a size: "Q"' 'bank = 0,4Q'
wrong ':1: bank: 99999999T is more than 64 bits' 'bank = 0,99999999T'
wrong ':1: bank: "rom" is none of' 'bank = 0,4K,rom'
wrong ':1: max-clients: 0 is out of range' 'max-clients = 0'
expect 2 "$rmmd" --config "$tmp/nothing"
said err "cannot read $tmp/nothing"
expect 2 "$rmmd" --seed
said err 'seed: needs a value'
expect 2 "$rmmd" --no-such-option
said err 'unknown option --no-such-option'
expect 2 "$rmmd" operand
said err '"operand" is not an option'
expect 2 "$rmmd" --no-config=yes
said err 'takes no value'

# --help names every option; it and --version need nothing else.
expect 0 "$rmmd" --help --config "$tmp/nothing"
for name in socket control bank foreground log-level log-file pid-file \
	max-clients rim-log-limit seed order s2sz s2sz-min lpa2 sve-vl num-bps num-wps \
	pmu-ctrs hash gicv3-lrs max-recs-order vmid-bits rec-aux-count \
	undelegated unknown-data init-ripas-ram init-ripas-assigned live-top \
	memattr-reserved sbz rem-extend set-ripas-block smccc-version \
	psci-smc32 mmio-write icc-trap token cpu-grace \
	config no-config run version help; do
	said out "--$name"
done

# Planted defects are not for everybody to find; a machine with one says so.
! grep -q plant "$tmp/out" || die '--help speaks of --plant'
expect 0 "$rmmd" --plant list
said out '^data-create-rim  *RMI_DATA_CREATE: the RIM is not extended$'
expect 2 "$rmmd" --plant no-such-defect --run true
said err 'no defect is called "no-such-defect"'
wrong ':1: plant: is for the command line only' 'plant = data-create-rim'
expect 0 "$rmmd" --plant features-index --run "$probe"
said err 'warn a defect is planted: features-index$'

expect 0 "$rmmd" --version
said out '^rmmd [0-9]'

# RMMD_SOCKET and RMMD_CONTROL say where to serve.
RMMD_SOCKET=$tmp/e.sock
RMMD_CONTROL=$tmp/f.sock
export RMMD_SOCKET RMMD_CONTROL
start --seed 1
"$probe" >"$tmp/out"
said out "^pid $pid\$"
kill "$pid"
await gone "$pid"
