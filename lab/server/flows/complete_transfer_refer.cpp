// CompleteTransfer by REFER (transfer-complete-by-refer): the held party's phone is asked to call the
// consulted one with Replaces (RFC 3891), which names the agent's consult dialog with this server.
#include "labserver/flows/flows.h"
#include "labserver/flows/merging.h"
#include "labserver/flows/referral.h"
#include "labserver/flows/replacing.h"
#include "sip/message/replaces.h"

namespace sidetone::lab {

Flow complete_transfer_refer(FlowRun& f) {
  Call& main = f.call();
  Call& consulted = f.other_call();
  const bool ready = co_await settled(f, main) && co_await settled(f, consulted);
  const Party* held = ready ? main.other_party(f.dn()) : nullptr;
  const Party* target = ready ? consulted.other_party(f.dn()) : nullptr;
  const auto dialog = target ? f.desk().stack.dialog(consulted.party(f.dn())->leg) : std::nullopt;
  if (!held || !dialog || !target->answered()) {
    phone_refused(f, 481);
    co_return;
  }
  const std::string held_dn = held->dn, target_dn = target->dn;
  const sip::SessionId old = held->leg;
  Referral referral;
  referral.to = target_dn;
  referral.session = old;
  referral.dn = held_dn;
  // As seen by us, who get the INVITE.
  sip::Replaces replaces;
  replaces.call_id = dialog->call_id;
  replaces.to_tag = dialog->local_tag;
  replaces.from_tag = dialog->remote_tag;
  referral.replaces = replaces.write();
  int status = co_await referred(f, consulted, referral);
  if (status == 200) status = f.invite_taken() ? co_await replaced(f, consulted, main) : 488;
  if (status != 0) {
    phone_refused(f, status);
    co_return;
  }
  const sip::SessionId newcomer = f.invite_taken()->session;
  // The consult dialog has ended with the 200; its party leaves here or with the stack's word.
  if (consulted.party(f.dn())) f.drop(consulted, f.dn());
  f.drop(main, f.dn());
  f.end(old);
  f.desk().board.move_leg(*f.leg(newcomer), main);
  main.party(held_dn)->leg = newcomer;
  move_party(f, consulted, target_dn, main);
  f.events().party_changed(main, held_dn, target_dn, f.now());
  f.events().party_changed(main, target_dn, held_dn, f.now(), consulted.conn_id);
  f.succeed();
}

}  // namespace sidetone::lab
