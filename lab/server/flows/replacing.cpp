#include "labserver/flows/replacing.h"

namespace sidetone::lab {

namespace {

Step<int> refuse_newcomer(FlowRun& f, int status) {
  sip::Response refusal;
  refusal.status = status;
  static_cast<void>(f.desk().stack.reject(f.invite_taken()->session, std::move(refusal), f.now()));
  co_return status;
}

}  // namespace

Step<int> replaced(FlowRun& f, Call& call, Call& main) {
  const sip::SessionId newcomer = f.invite_taken()->session;
  const std::string offer = f.invite_taken()->sdp;
  const Leg* former = f.leg(f.invite_taken()->replaces);
  if (!former || !f.alive(former->session) || !f.alive(former->peer))
    co_return co_await refuse_newcomer(f, 481);
  const sip::SessionId peer = former->peer;
  Leg& added = f.desk().board.add_leg(call, newcomer,
                                      dn_of_header(f.invite_taken()->request->value(sip::HeaderId::from)));
  added.flow = f.id();
  added.heard = offer;
  f.unwatch(former->session);
  f.desk().board.name_call(*f.leg(peer), main);
  const Reply answer = co_await offered(f, peer, offer);
  if (!answer.agreed() || answer.sdp.empty()) {
    if (const Leg* stays = f.leg(peer)) f.desk().board.name_call(*stays, call);
    co_return co_await refuse_newcomer(f, answer.agreed() ? 488 : answer.status);
  }
  added.told.own();
  const std::string told = added.told.tell(answer.sdp);
  std::vector<sip::ExtraHeader> headers;
  headers.push_back({"X-Genesys-CallUUID", main.uuid});
  const auto accepted = f.desk().stack.accept(newcomer, told, headers, f.now());
  if (!accepted) co_return 487;  // it has given up: its end is on its way
  f.join(newcomer, peer);
  co_return 0;
}

}  // namespace sidetone::lab
