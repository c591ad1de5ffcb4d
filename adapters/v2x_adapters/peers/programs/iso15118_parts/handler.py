"""The package's EVCC, which forgets a session when it ends: here it is kept, so that it can be asked how it ended."""

from iso15118.evcc import EVCCHandler
from iso15118.shared.exceptions import SDPFailedError


class Handler(EVCCHandler):
    """Adds nothing to what goes over the wire; `told` is called with why there is to be no session, from the handler's thread."""

    session = None
    refused = ""
    told = None

    def refuse(self, reason):
        """Keep why there is no session; the first reason is the one that counts."""
        if not self.refused:
            self.refused = reason
            if self.told:
                self.told(reason)

    async def start_comm_session(self, host, port, is_tls):
        await super().start_comm_session(host, port, is_tls)
        self.session = self.comm_session[0]
        if self.session is None:
            self.refuse("could not connect to {} port {} ({})".format(host, port, "TLS" if is_tls else "TCP"))

    async def restart_sdp(self, new_sdp_cycle):
        try:
            await super().restart_sdp(new_sdp_cycle)
        except SDPFailedError as error:
            self.refuse(str(error))
            raise
