"""Gateways with the quirks of real ones, and gateways that lie, for tests: run inside a host of the lab.

    lying_gateways.py nat-pmp QUIRK
        short, wrong-type, wrong-port, no-time, garbage: what a mapping is answered with
        busy (result 4 to the first three requests), ahead (from the third check on the clock is an hour ahead)
    lying_gateways.py upnp QUIRK
        trickle (a byte now and then, for ever), garbage, no-such-thing (says that it maps, and does not)
        only-permanent=CODE (a finite lease is refused with this error), conflict-passes (718 to the first three
        requests), refusal-passes (606 to the first three), forgets=CODE (forgets the mapping at the third check, and says
        so with this error), disables (at the third check it lists the mapping as disabled), empty (answers "success" with
        empty fields when it is asked for an entry), unlisted (401 when it is asked for an entry)

Says {"state": "ready"} when it serves, then {"asked": ACTION, ...} for each request and {"mappings": [...]} for each change.
"""

import http.server
import json
import os
import re
import socket
import struct
import sys
import threading
import time

REFUSALS = 3  # How often something that passes is said.
EXTERNAL = "11.22.33.198"


def say(**line):
    print(json.dumps(line), flush=True)


class NatPmp:
    def __init__(self, quirk: str):
        self.quirk, self.checks, self.maps, self.epoch_shift = quirk, 0, 0, 0
        self.start = time.monotonic()
        self.mappings: dict[int, int] = {}

    def epoch(self) -> int:
        return int(1000 + self.epoch_shift + time.monotonic() - self.start)

    def answer(self, request: bytes) -> bytes:
        address = struct.pack("!BBHI4s", 0, 128, 0, self.epoch(), socket.inet_aton(EXTERNAL))
        if len(request) == 2:
            self.checks += 1
            say(asked="address")
            if self.quirk == "ahead" and self.checks == REFUSALS:
                self.epoch_shift = 3600  # The host slept for an hour, and its lease is over.
                self.mappings.clear()
                say(mappings=[])
                return self.answer(request)
            return address
        version, opcode, _, private, public, lifetime = struct.unpack("!BBHHHI", request)
        self.maps += 1
        say(asked="map" if lifetime else "unmap", port=private, lifetime=lifetime)
        if self.quirk == "busy" and self.maps <= REFUSALS:
            return struct.pack("!BBHIHHI", version, 128 + opcode, 4, self.epoch(), private, 0, 0)
        lies = {
            "short": struct.pack("!BBHIB", version, 128 + opcode, 0, self.epoch(), 0),
            "wrong-type": address,
            "wrong-port": struct.pack("!BBHIHHI", 0, 128 + opcode, 0, self.epoch(), private ^ 1, public, lifetime),
            "no-time": struct.pack("!BBHIHHI", 0, 128 + opcode, 0, self.epoch(), private, public, 0),
            "garbage": os.urandom(200),
        }
        if self.quirk in lies:
            return lies[self.quirk]
        if lifetime:
            self.mappings[private] = public
        else:
            self.mappings.pop(private, None)
        say(mappings=sorted(self.mappings))
        return struct.pack("!BBHIHHI", version, 128 + opcode, 0, self.epoch(), private, public, lifetime)

    def serve(self):
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.bind(("0.0.0.0", 5351))
        say(state="ready")
        while True:
            request, client = server.recvfrom(64)
            server.sendto(self.answer(request), client)


# A library takes this for a gateway only with the service WANCommonInterfaceConfig in it.
DESCRIPTION = """<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1</serviceType>
<serviceId>urn:upnp-org:serviceId:WANCommonIFC1</serviceId><controlURL>/common</controlURL>
<eventSubURL>/event</eventSubURL><SCPDURL>/common.xml</SCPDURL></service></serviceList><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><controlURL>/control</controlURL>
<eventSubURL>/event</eventSubURL><SCPDURL>/scpd.xml</SCPDURL></service></serviceList></device></deviceList></device>
</deviceList></device></root>"""


class Fault(Exception):
    """An error code of UPnP."""


class Upnp:
    def __init__(self, quirk: str):
        self.quirk, _, code = quirk.partition("=")
        self.code = int(code or 0)
        self.adds = self.checks = 0
        self.mappings: dict[str, dict[str, str]] = {}

    def changed(self):
        say(mappings=sorted(int(port) for port in self.mappings), leases=[m["lease"] for m in self.mappings.values()])

    def act(self, action: str, given: dict[str, str]) -> dict[str, str]:
        say(asked=action, **given)
        method = getattr(self, action, None)
        if method is None:
            raise Fault(401)
        return method(given)

    def GetStatusInfo(self, _):
        return {"NewConnectionStatus": "Connected", "NewLastConnectionError": "ERROR_NONE", "NewUptime": "9"}

    def GetExternalIPAddress(self, _):
        return {"NewExternalIPAddress": EXTERNAL}

    def AddPortMapping(self, given):
        self.adds += 1
        if self.quirk == "only-permanent" and given["NewLeaseDuration"] != "0":
            raise Fault(self.code)
        if self.quirk in ("conflict-passes", "refusal-passes") and self.adds <= REFUSALS:
            raise Fault(718 if self.quirk == "conflict-passes" else 606)
        if self.quirk != "no-such-thing":
            self.mappings[given["NewExternalPort"]] = {
                "client": given["NewInternalClient"], "port": given["NewInternalPort"],
                "text": given["NewPortMappingDescription"], "lease": given["NewLeaseDuration"],
            }  # fmt: skip
            self.changed()
        return {}

    def DeletePortMapping(self, given):
        if self.mappings.pop(given["NewExternalPort"], None) is None:
            raise Fault(714)
        self.changed()
        return {}

    def GetSpecificPortMappingEntry(self, given):
        entry = self.mappings.get(given["NewExternalPort"])
        names = ("NewInternalPort", "NewInternalClient", "NewEnabled", "NewPortMappingDescription", "NewLeaseDuration")
        if self.quirk == "empty":
            return dict.fromkeys(names, "")
        if self.quirk == "unlisted":
            raise Fault(401)
        enabled = "1"
        if entry is not None:
            self.checks += 1
            if self.checks == REFUSALS and self.quirk == "forgets":
                self.mappings.clear()
                self.changed()
                raise Fault(self.code)
            if self.checks == REFUSALS and self.quirk == "disables":
                enabled = "0"
        if entry is None:
            raise Fault(self.code if self.quirk == "forgets" else 714)
        return dict(zip(names, (entry["port"], entry["client"], enabled, entry["text"], entry["lease"])))


class Handler(http.server.BaseHTTPRequestHandler):
    gateway: Upnp

    def log_message(self, *_):
        pass

    def answer(self, body: bytes, status: int = 200):
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        say(asked="description")
        self.answer(os.urandom(100_000) if self.gateway.quirk == "garbage" else DESCRIPTION.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        action = self.headers["SOAPAction"].strip('"').rsplit("#")[-1]
        if self.gateway.quirk == "trickle":
            say(asked=action)
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            while True:
                self.wfile.write(b"x")
                time.sleep(0.5)
        try:
            fields = self.gateway.act(action, dict(re.findall(r"<(New\w+)>([^<]*)</", body)))
        except Fault as fault:
            inner = f"<s:Fault><detail><UPnPError><errorCode>{fault}</errorCode></UPnPError></detail></s:Fault>"
            self.answer(envelope(inner), 500)
            return
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        self.answer(envelope(f"<u:{action}Response xmlns:u='urn:x'>{inner}</u:{action}Response>"))


def envelope(inner: str) -> bytes:
    return f'<?xml version="1.0"?><s:Envelope xmlns:s="x"><s:Body>{inner}</s:Body></s:Envelope>'.encode()


def serve_upnp(quirk: str):
    Handler.gateway = Upnp(quirk)
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()

    group = socket.inet_aton("239.255.255.250")
    search = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    search.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    search.bind(("", 1900))
    search.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + socket.inet_aton("0.0.0.0"))
    say(state="ready")
    while True:
        request, client = search.recvfrom(2048)
        if not request.startswith(b"M-SEARCH"):
            continue
        probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        probe.connect(client)
        here = probe.getsockname()[0]
        kind = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
        search.sendto(
            (
                f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: {kind}\r\nUSN: uuid:0::{kind}\r\nEXT:\r\n"
                f"LOCATION: http://{here}:{server.server_address[1]}/root.xml\r\n\r\n"
            ).encode(),
            client,
        )


if __name__ == "__main__":
    if sys.argv[1] == "nat-pmp":
        NatPmp(sys.argv[2]).serve()
    else:
        serve_upnp(sys.argv[2])
