"""Captures: pcapng out, pcap and pcapng in; from octets in packets to the octets of connections."""
