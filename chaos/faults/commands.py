"""Commands that meet, and restarts of every kind while sessions run."""
from faults import fault

CALLS = [["start"], ["stop"], ["restart"], ["restart", "--timeout", "500ms"],
         ["restart", "--force"], ["restart", "--no-graceful"],
         ["restart", "--safe", "--wait", "1s"], ["restart", "--no-block"], ["reload"],
         ["status"], ["status", "--ready"], ["status", "--json"], ["preflight"],
         ["wait", "--ready", "--timeout", "2s"], ["wait", "--stopped", "--timeout", "1s"],
         ["events"], ["signal", "WINCH"], ["signal", "NONSENSE"], ["config", "check"],
         ["version"], ["restart", "--safe", "--force"], ["nonsense"]]
HARMLESS = [["restart", "--safe", "--wait", "3s"], ["reload"], ["restart", "--timeout", "10s"]]


@fault("commands", weight=3)
def commands(step):
    """Some at once, whatever they are."""
    step.sessions.may_cut()
    for _ in range(step.chance.randint(1, 3)):
        beside = [step.world.cli_beside(*words)
                  for words in step.chance.sample(CALLS, step.chance.randint(2, 5))]
        step.run.fault("commands", len(beside))
        step.pause(0, 0.5)
        for one in beside:
            one.join()


@fault("start-race")
def start_race(step):
    """Many that all want to start what is held down."""
    step.sessions.may_cut()
    step.world.cli("stop")
    beside = [step.world.cli_beside("start") for _ in range(step.chance.randint(3, 8))]
    step.run.fault("start-race", len(beside))
    for one in beside:
        one.join()


@fault("restarts-under-load", weight=3)
def restarts_under_load(step):
    """Nothing is cut but what drains longer than its time; each caller is told."""
    if not step.long_ones:
        for words in step.chance.sample(HARMLESS, 2):
            code, output = step.world.cli(*words)
            step.run.fault("restart")
            step.run.require(code in (0, 5, 75), "'%s' works" % " ".join(words), output[-300:])
        return
    step.sessions.may_cut()
    code, output = step.world.cli("restart", "--force")
    step.run.fault("restart")
    named = sum(1 for one in step.sessions.all if one.name in output)
    step.run.require(code == 0 and named >= step.long_ones, "a forced restart names what it cuts",
                     "exit %s, %d of %d long ones named: %s" % (code, named, step.long_ones, output))
