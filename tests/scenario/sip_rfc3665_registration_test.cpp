// RFC 3665 §2: registrations of our phone at the lab's registrar, which asks for credentials.
#include <gmock/gmock.h>

#include "flow_scenario.h"
#include "lab_node.h"

namespace sidetone::test {
namespace {

using namespace sip;
using ::testing::ElementsAre;

lab::ServerSettings with_bob() {
  lab::ServerSettings settings;
  settings.users = {{"bob", Secret<std::string>("secret")}, {"carol", {}}};
  return settings;
}

class Rfc3665Registration : public FlowScenario {
 protected:
  AccountId register_bob(std::string_view password = "secret") {
    Account account;
    account.uri = "sip:bob@10.0.0.9";
    account.contact_user = "bob";
    account.credentials = {"bob", Secret<std::string>(std::string(password)), {}};
    account.server = NextHop{Transport::udp, "10.0.0.9", 5060, {}, {}};
    account.register_expires = seconds(7200);
    const auto id = bob.stack.add_account(account, wire.now());
    wire.run_for(seconds(1));
    return id;
  }
  [[nodiscard]] std::vector<std::string> contacts() {
    std::vector<std::string> found;
    for (const auto& binding : lab.server.bindings("bob", wire.now())) found.push_back(binding.contact);
    return found;
  }
  Node& bob = phone("bob", "10.0.0.2");
  LabNode lab{wire, "10.0.0.9:5060", with_bob()};
};

SCENARIO(Rfc3665Registration, successful_new_registration) {  // §2.1
  register_bob();
  EXPECT_THAT(flow(), ElementsAre("bob>lab REGISTER", "lab>bob 401", "bob>lab REGISTER", "lab>bob 200"));
  EXPECT_THAT(contacts(), ElementsAre("sip:bob@10.0.0.2:5060"));
  EXPECT_EQ(bob.last<RegistrationChanged>()->state, RegistrationState::registered);
  EXPECT_EQ(bob.last<RegistrationChanged>()->expires, seconds(7200));
}

SCENARIO(Rfc3665Registration, update_of_the_contact_list) {  // §2.2: another place joins the one there is
  const auto line = register_bob();
  forget_flow();
  auto& other = phone("other", "10.0.0.3");
  Account second = *bob.stack.account(line);
  other.stack.add_account(second, wire.now());
  wire.run_for(seconds(1));
  EXPECT_THAT(contacts(), ElementsAre("sip:bob@10.0.0.3:5060", "sip:bob@10.0.0.2:5060"));
  EXPECT_EQ(wire.last("SIP/2.0 200")->message().values(HeaderId::contact).size(), 2U);
}

SCENARIO(Rfc3665Registration, request_for_the_current_contact_list) {  // §2.3: no Contact, nothing changes
  wire.name_peer("10.0.0.4:5060", "carol");
  const auto send = [this](int cseq, std::string_view contact) {
    auto request = Message::request(Method::register_, "sip:10.0.0.9");
    request.add(HeaderId::via, fmt::format("SIP/2.0/UDP 10.0.0.4:5060;branch=z9hG4bKcarol{}", cseq));
    request.add(HeaderId::max_forwards, "70");
    request.add(HeaderId::from, "<sip:carol@10.0.0.9>;tag=1");
    request.add(HeaderId::to, "<sip:carol@10.0.0.9>");
    request.add(HeaderId::call_id, "carol");
    request.add(HeaderId::cseq, fmt::format("{} REGISTER", cseq));
    if (!contact.empty()) request.add(HeaderId::contact, contact);
    wire.inject(*Address::parse("10.0.0.4:5060", 0), lab.node.address, request);
    wire.run_for(seconds(10));
    return wire.last("SIP/2.0 200")->message();
  };
  send(1, "<sip:carol@10.0.0.4>;expires=100");
  const auto list = send(2, "");
  EXPECT_THAT(list.values(HeaderId::contact), ElementsAre("<sip:carol@10.0.0.4>;expires=90"));
  EXPECT_THAT(flow(),
              ElementsAre("carol>lab REGISTER", "lab>carol 200", "carol>lab REGISTER", "lab>carol 200"));
}

SCENARIO(Rfc3665Registration, cancellation) {  // §2.4
  const auto line = register_bob();
  forget_flow();
  bob.stack.unregister(line, wire.now());
  wire.run_for(seconds(1));
  EXPECT_THAT(flow_since(), ElementsAre("bob>lab REGISTER", "lab>bob 200"));
  EXPECT_EQ(wire.last("REGISTER")->message().value(HeaderId::expires), "0");
  EXPECT_THAT(contacts(), ElementsAre());
  EXPECT_EQ(bob.last<RegistrationChanged>()->state, RegistrationState::unregistered);
  finish();
}

SCENARIO(Rfc3665Registration, unsuccessful) {  // §2.5: the password is wrong, and that is said once
  register_bob("another");
  EXPECT_THAT(flow(), ElementsAre("bob>lab REGISTER", "lab>bob 401", "bob>lab REGISTER", "lab>bob 401"));
  EXPECT_EQ(bob.last<RegistrationChanged>()->state, RegistrationState::failed);
  EXPECT_EQ(bob.last<RegistrationChanged>()->status, 401);
  EXPECT_THAT(contacts(), ElementsAre());
  finish();
}

}  // namespace
}  // namespace sidetone::test
