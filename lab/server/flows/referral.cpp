#include "labserver/flows/referral.h"

#include <fmt/format.h>

#include "sip/message/headers.h"

namespace sidetone::lab {

namespace {

// Where the phone reaches us: the address at which we speak with it.
std::string our_uri(FlowRun& f, const std::string& dn, const sip::Flow& flow) {
  auto uri = fmt::format("sip:{}@{}", sip::escape_user(dn), flow.local.to_string());
  if (flow.transport == sip::Transport::tcp) uri += ";transport=tcp";
  if (flow.transport == sip::Transport::tls) uri += ";transport=tls";
  return flow.local.port == 0 ? fmt::format("sip:{}@{}", sip::escape_user(dn), f.settings().realm) : uri;
}

}  // namespace

Step<int> referred(FlowRun& f, Call& call, Referral wish) {
  sip::Refer refer;
  refer.account = f.desk().account;
  refer.session = wish.session;
  refer.referred_by = fmt::format("sip:{}@{}", sip::escape_user(f.dn()), f.settings().realm);
  sip::ReferTo refer_to;
  refer_to.replaces = wish.replaces;
  if (wish.session) {
    const auto dialog = f.desk().stack.dialog(wish.session);
    if (!dialog) co_return 481;
    refer_to.uri = our_uri(f, wish.to, dialog->flow);
  } else {
    const auto places = f.desk().registrar.lookup(wish.dn, f.now());
    if (places.empty()) co_return 480;
    const auto& flow = places.front().flow;
    refer.target = places.front().contact;
    refer.next_hop =
        sip::NextHop{flow.transport, flow.remote.ip.to_string(), flow.remote.port, flow.socket, flow};
    refer_to.uri = our_uri(f, wish.to, flow);
  }
  refer.refer_to = refer_to.to_uri();
  f.expect_invite(call, wish.dn, wish.to);
  if (!f.refer(std::move(refer))) co_return 500;
  const std::function<bool()> known = [&f] {
    return f.invited() || (f.refer_progress() && f.refer_progress()->finished);
  };
  const Woken woken = co_await f.until(known, answer_max);
  if (woken == Woken::ready)
    f.forget_expected();
  else
    f.refuse_expected();
  if (f.invited()) co_return 200;
  if (woken == Woken::ready) co_return f.refer_progress()->status >= 300 ? f.refer_progress()->status : 480;
  co_return woken == Woken::timeout ? 408 : 487;
}

Step<bool> phone_calls(FlowRun& f, Call& call, Referral wish) {
  const int status = co_await referred(f, call, std::move(wish));
  if (status == 200)
    f.attend(call);
  else
    phone_refused(f, status);
  co_return status == 200;
}

}  // namespace sidetone::lab
