#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# weft explore --launcher slurm on a Slurm of one node that this test starts and ends:
# the same bytes as --launcher local; a cancelled array when it is interrupted.
set -u
build=${BUILD:-build}
weft=$(realpath "$build/weft")
net=$(realpath tests/models/cnn_mnist_int8.tflite)
space=$(realpath tests/explore/space.yaml)
PATH=$PATH:/usr/sbin:/sbin
for tool in munged slurmctld slurmd sbatch squeue scancel sinfo verilator; do
  command -v $tool >/dev/null || { echo "SKIP Slurm: no $tool (apt-get install slurmd slurmctld slurm-client munge)"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "SKIP Slurm: only root can start one"; exit 77; }
mkdir -p "$build/tests"
dir=$(mktemp -d "$(realpath "$build")/tests/slurm.XXXXXX")
host=$(hostname -s)
bad=0
fail() { echo "FAIL: $*"; bad=1; }
end() {
  [ -z "${SLURM_CONF:-}" ] || scontrol shutdown >/dev/null 2>&1
  munged --stop --socket="$dir/munge/sock" >/dev/null 2>&1
  sleep 1
  for f in slurmd slurmctld; do [ -f "$dir/$f.pid" ] && kill "$(cat "$dir/$f.pid")" 2>/dev/null; done
  rm -rf "$dir"
}
trap end EXIT
mkdir -m 700 "$dir/munge" "$dir/spool" "$dir/state"
chmod 755 "$dir"
head -c 128 /dev/urandom >"$dir/munge/key" && chmod 600 "$dir/munge/key"
munged --force --key-file="$dir/munge/key" --socket="$dir/munge/sock" --pid-file="$dir/munge/pid" --log-file="$dir/munge/log" \
  --seed-file="$dir/munge/seed" >"$dir/munge.out" 2>&1 || { cat "$dir/munge.out"; exit 1; }
cat >"$dir/slurm.conf" <<EOF
ClusterName=weft
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/sock
CredType=cred/munge
SlurmctldPort=16827
SlurmdPort=16828
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=100000,bf_interval=1
MinJobAge=30
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmdSpoolDir=$dir/spool
StateSaveLocation=$dir/state
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=debug Nodes=$host Default=YES MaxTime=INFINITE State=UP
EOF
export SLURM_CONF="$dir/slurm.conf"
slurmctld -f "$SLURM_CONF" && slurmd -f "$SLURM_CONF" || { fail "Slurm does not start"; exit 1; }
tries=0
until sinfo -h -o %T 2>/dev/null | grep -q idle || [ $tries -ge 120 ]; do sleep 0.5; tries=$((tries + 1)); done
sinfo -h -o %T 2>/dev/null | grep -q idle || { fail "no idle node"; tail -5 "$dir"/slurm*.log; exit 1; }

"$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/local" -q </dev/null || fail "local"
"$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/array" --launcher slurm -j 2 -q </dev/null 2>"$dir/err" ||
  { fail "slurm: exit $?"; cat "$dir/err" "$dir"/array/slurm-*.log; }
for f in front.csv explore.json front.svg chosen.yaml; do cmp -s "$dir/local/$f" "$dir/array/$f" || fail "another $f"; done
ls "$dir"/array/slurm-*.log >/dev/null 2>&1 || fail "no task of Slurm left its log"

# Interrupted while a task runs: no task of it stays in the queue, and it goes on
cat >"$dir/slow.sh" <<EOF
#!/bin/sh
sleep 60
EOF
sbatch -Q --exclusive --output=/dev/null "$dir/slow.sh" >/dev/null    # the node is taken: tasks wait
"$weft" explore "$net" --board ulx3s-25f --space "$space" -o "$dir/cut" --launcher slurm -q </dev/null 2>/dev/null &
pid=$!
tries=0
until squeue -h -n weft-explore | grep -q . || [ $tries -ge 100 ]; do sleep 0.3; tries=$((tries + 1)); done
squeue -h -n weft-explore | grep -q . || fail "no task was queued"
kill -INT $pid
wait $pid
got=$?
[ $got -eq 130 ] || fail "interrupted: exit $got"
tries=0
while squeue -h -n weft-explore | grep -q . && [ $tries -lt 40 ]; do sleep 0.5; tries=$((tries + 1)); done
squeue -h -n weft-explore | grep -q . && fail "tasks are left in the queue"
scancel -u root
tries=0
while squeue -h | grep -q . && [ $tries -lt 60 ]; do sleep 0.5; tries=$((tries + 1)); done   # its step ends too
exit $bad
