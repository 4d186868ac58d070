"""Gateways that lie, for tests: run inside a host of the lab.

    lying_gateways.py nat-pmp WHAT    short, wrong-type, wrong-port, no-time or garbage
    lying_gateways.py upnp WHAT       trickle (a byte now and then, for ever), garbage, no-such-thing (says it maps, and does not)

Says {"state": "ready"} when it serves.
"""

import http.server
import json
import os
import socket
import struct
import sys
import threading
import time


def nat_pmp(what: str):
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("0.0.0.0", 5351))
    ready()
    while True:
        request, client = server.recvfrom(64)
        if len(request) == 2:
            answer = struct.pack("!BBHI4s", 0, 128, 0, 1000, socket.inet_aton("11.22.33.199"))
            server.sendto(answer, client)
            continue
        version, opcode, _, private, public, lifetime = struct.unpack("!BBHHHI", request)
        good = struct.pack("!BBHIHHI", version, 128 + opcode, 0, 1000, private, public, lifetime)
        answers = {
            "short": good[:9],
            "wrong-type": struct.pack("!BBHI4s", 0, 128, 0, 1000, socket.inet_aton("11.22.33.199")),
            "wrong-port": struct.pack("!BBHIHHI", 0, 128 + opcode, 0, 1000, private ^ 1, public, lifetime),
            "no-time": struct.pack("!BBHIHHI", 0, 128 + opcode, 0, 1000, private, public, 0),
            "garbage": os.urandom(200),
        }
        server.sendto(answers[what], client)


DESCRIPTION = """<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>
<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANDevice:1</deviceType><deviceList><device>
<deviceType>urn:schemas-upnp-org:device:WANConnectionDevice:1</deviceType><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:WANIPConnection:1</serviceType>
<serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><controlURL>/control</controlURL>
<eventSubURL>/event</eventSubURL><SCPDURL>/scpd.xml</SCPDURL></service></serviceList></device></deviceList></device>
</deviceList></device></root>"""


class Igd(http.server.BaseHTTPRequestHandler):
    what = ""

    def log_message(self, *_):
        pass

    def answer(self, body: bytes, status: int = 200):
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(os.urandom(100_000) if self.what == "garbage" else DESCRIPTION.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.what == "trickle":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            while True:
                self.wfile.write(b"x")
                time.sleep(0.5)
        action = self.headers["SOAPAction"].strip('"').rsplit("#")[-1]
        if action == "GetSpecificPortMappingEntry":
            fault = "<s:Fault><detail><UPnPError><errorCode>714</errorCode></UPnPError></detail></s:Fault>"
            self.answer(envelope(fault), 500)
            return
        inner = {
            "GetStatusInfo": "<NewConnectionStatus>Connected</NewConnectionStatus><NewUptime>9</NewUptime>",
            "GetExternalIPAddress": "<NewExternalIPAddress>11.22.33.198</NewExternalIPAddress>",
        }.get(action, "")
        assert body
        self.answer(envelope(f"<u:{action}Response xmlns:u='urn:x'>{inner}</u:{action}Response>"))


def envelope(inner: str) -> bytes:
    return f'<?xml version="1.0"?><s:Envelope xmlns:s="x"><s:Body>{inner}</s:Body></s:Envelope>'.encode()


def upnp(what: str):
    Igd.what = what
    server = http.server.ThreadingHTTPServer(("0.0.0.0", 0), Igd)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()

    group = socket.inet_aton("239.255.255.250")
    search = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    search.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    search.bind(("", 1900))
    search.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, group + socket.inet_aton("0.0.0.0"))
    ready()
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


def ready():
    print(json.dumps({"state": "ready"}), flush=True)


if __name__ == "__main__":
    {"nat-pmp": nat_pmp, "upnp": upnp}[sys.argv[1]](sys.argv[2])
