// Random requests of desktops, and random doings of users, on a network that loses messages: whatever
// happens, each request has its end, no leg is left over, and desktops were told of every end.
#include <cstdlib>

#include "tlib_scenario.h"

namespace sidetone::test {
namespace {

class RandomDesk : public TlibScenario {
 public:
  RandomDesk(std::uint64_t seed, ServerSettings settings) : TlibScenario(std::move(settings)), random_(seed) {
    for (const auto* dn : {"7401", "7402", "7403", "7404"}) phones_.push_back(&phone(dn));
    media_ = &media();
    loss_ = 0.04 * random_.unit();
    wire.rule = [this](const Crossing&) {
      Treatment treatment;
      treatment.copies = random_.chance(loss_) ? 0 : random_.chance(0.01) ? 2 : 1;
      treatment.delay = milliseconds(1 + random_.below(40));
      return treatment;
    };
  }
  void script() override {
    for (int step = 0; step < 60; ++step) {
      if (random_.chance(0.75))
        desk_asks();
      else
        user_does();
      run(milliseconds(random_.below(random_.chance(0.5) ? 300 : 4000)));
    }
    loss_ = 0;
    run(seconds(100));
    for (auto* phone : phones_) {
      phone->refuse_with = phone->refuse_offers_with = 0;
      phone->hang_up();
    }
    run(seconds(250));
  }

 private:
  template <typename T>
  const T& one_of(const std::vector<T>& list) {
    return list[random_.below(list.size())];
  }
  std::string any_dn() { return one_of(phones_)->node.name; }
  void desk_asks() {
    using enum tlib::RequestName;
    static const std::vector<tlib::RequestName> names{
        make_call,         make_call,           answer_call,         answer_call,
        release_call,      hold_call,           retrieve_call,       single_step_transfer,
        initiate_transfer, initiate_conference, complete_transfer,   complete_conference,
        reconnect_call,    alternate_call,      send_dtmf,           redirect_call,
        clear_call,        initiate_transfer,   initiate_conference, complete_conference};
    tlib::Request request;
    request.name = one_of(names);
    request.this_dn = any_dn();
    if (request.name == make_call || request.name == single_step_transfer ||
        request.name == initiate_transfer || request.name == initiate_conference ||
        request.name == redirect_call)
      request.destination = any_dn();
    if (request.name == send_dtmf) request.digits = "5";
    ask(std::move(request));
  }
  void user_does() {
    auto& phone = *one_of(phones_);
    switch (random_.below(8)) {
      case 0: static_cast<void>(phone.dial(any_dn())); break;
      case 1:
        if (phone.ringing) phone.pick_up();
        break;
      case 2: phone.hang_up(); break;
      case 3:
        if (!phone.up.empty())
          static_cast<void>(phone.node.stack.offer(phone.up.back(), phone.describe_again(), wire.now()));
        wire.settle(phone.node);
        break;
      case 4: phone.refuse_with = random_.chance(0.3) ? 486 : 0; break;
      case 5: phone.refuse_offers_with = random_.chance(0.2) ? 488 : 0; break;
      case 6: media_->refuse_with = random_.chance(0.2) ? 503 : 0; break;
      default:
        phone.answer = random_.chance(0.5) ? ScriptPhone::Answer::at_once : ScriptPhone::Answer::when_told;
    }
  }

  SeededRandom random_;
  double loss_ = 0;
  std::vector<ScriptPhone*> phones_;
  ScriptPhone* media_ = nullptr;
};

double to_seconds(Time time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

// Each seed has its own options.
ServerSettings settings_of(std::uint64_t seed) {
  ServerSettings settings;
  settings.music_on_hold = seed % 2 == 0;
  settings.busy_treatment = seed % 3 == 0;
  settings.conference_without_delayed_offer = seed % 5 == 0;
  settings.dn_options["7401"].refer_enabled = seed % 4 == 1;
  settings.dn_options["7402"].dual_dialog_enabled = seed % 3 != 1;
  settings.dn_options["7403"].make_call_rfc3725_flow = seed % 2 == 1 ? 1 : 2;
  settings.dn_options["7402"].transfer_complete_by_refer = seed % 7 == 2;
  settings.dn_options["7404"].reinvite_requires_hold = seed % 5 == 3;
  settings.ring_max = seconds(20);
  return settings;
}

class TlibRandom : public ::testing::TestWithParam<std::uint64_t> {};  // the first of 50 seeds
INSTANTIATE_TEST_SUITE_P(Seeds, TlibRandom, ::testing::Values(1, 51, 101));

TEST_P(TlibRandom, every_request_ends_and_nothing_is_left) {
  const char* wanted = std::getenv("TLIB_SEED");
  const std::uint64_t first = wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : GetParam();
  const std::uint64_t last = wanted != nullptr ? first : first + 49;
  std::size_t requests = 0, done = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    RandomDesk desk(seed, settings_of(seed));
    desk.world.allow_one_sided_calls();
    desk.script();
    const auto found = desk.world.judge();
    EXPECT_EQ(found, "") << "seed " << seed << (wanted != nullptr ? "\n" + desk.all() : std::string());
    if (wanted != nullptr)
      for (const auto& event : desk.told)
        std::printf("%8.3f %s %s %s\n", to_seconds(event.time), tlib::brief(event).c_str(),
                    event.conn_id.c_str(), event.text.c_str());
    requests += desk.asked.size();
    for (const auto& request : desk.asked)
      if (desk.error_of(request.reference_id) == nullptr) ++done;
    if (HasFailure() && seed + 20 < last) break;
  }
  std::printf("%zu requests, %zu done\n", requests, done);
  if (wanted == nullptr) EXPECT_GT(done, requests / 10) << "most would be refused, and nothing be tried";
}

}  // namespace
}  // namespace sidetone::test
