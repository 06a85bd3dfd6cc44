"""An edge node with a press as its device, which does what it is told line by line on its input.

Run by the Python of its own environment (`make edge-node`).
"""

import json
import sys
import threading
import time

from pysparkplug import DataType, Device, EdgeNode, Metric


def metric(name, value, at=None, historical=False):
    kind = DataType.BOOLEAN if isinstance(value, bool) else DataType.DOUBLE
    stamp = int((at or time.time()) * 1000)
    return Metric(timestamp=stamp, name=name, datatype=kind, value=value, is_historical=historical)


reborn = threading.Event()
node = EdgeNode("kassel", "hall", [metric("Load", 1.0)], cmd_callback=lambda node, message: reborn.set())
node.register(Device("p2", [metric("Temp/Oil", 50.0), metric("Running", True)]))
port = int(sys.argv[1])
node.connect("127.0.0.1", port=port, keepalive=5)
births = 1
print(json.dumps({"births": births}), flush=True)


def obey_rebirth():
    global births
    while True:
        reborn.wait()
        time.sleep(0.3)
        reborn.clear()
        node.disconnect()
        node.connect("127.0.0.1", port=port, keepalive=5)
        births += 1


threading.Thread(target=obey_rebirth, daemon=True).start()
for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "say":
        node.update_device("p2", [metric(*each) for each in order["metrics"]])
    elif order["do"] == "lose":
        lost = node._seq  # a message that is counted and never sent
    print(json.dumps({"births": births}), flush=True)
