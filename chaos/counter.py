"""A daemon that notes each signal it gets as a line in the file it is given; TERM ends it."""
import os
import signal
import sys

COUNTED = [signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP,
           *range(signal.SIGRTMIN, signal.SIGRTMIN + 20)]
signal.pthread_sigmask(signal.SIG_BLOCK, COUNTED + [signal.SIGTERM])
seen = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
os.write(seen, b"armed %s\n" % os.environb[b"DAEMON_GENERATION"])
ending = False
while True:
    # what is pending besides TERM is noted before it ends
    found = signal.sigtimedwait(COUNTED + [signal.SIGTERM], 0 if ending else 3600)
    if found is None and ending:
        # at once: nothing may come between looking and ending
        os._exit(0)
    if found is not None and found.si_signo == signal.SIGTERM:
        ending = True
    elif found is not None:
        os.write(seen, b"got %d\n" % found.si_signo)
