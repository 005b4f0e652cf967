// Calls that third-party scenarios begin with.
#pragma once

#include "tlib_scenario.h"

namespace sidetone::test {

using tlib::ErrorCode;
using tlib::RequestName;

class TlibCalls : public TlibScenario {
 protected:
  explicit TlibCalls(ServerSettings settings = {}) : TlibScenario(std::move(settings)) {}
  ScriptPhone& a = phone("7401");
  ScriptPhone& b = phone("7402");
  ScriptPhone& c = phone("7403");

  // 7401 has called 7402, and they speak.
  void connect() {
    a.dial("7402");
    run(seconds(1));
    ASSERT_EQ(a.speaks_to(), b.ip());
    ASSERT_EQ(b.speaks_to(), a.ip());
    mark();
  }
  // ... and 7402 has asked 7403.
  void consult(RequestName name = RequestName::initiate_transfer) {
    connect();
    main = conn_id_of("7402");
    expect_done(ask(name, "7402", "7403"));
    ASSERT_EQ(c.speaks_to(), b.ip());
    ASSERT_EQ(a.speaks_to(), "-");
  }
  void expect_done(std::uint64_t reference_id, Duration span = seconds(2)) {
    run(span);
    expect_success(reference_id);
  }
  void hang_up_all() {
    for (auto* phone : {&a, &b, &c}) phone->hang_up();
    run(seconds(1));
    expect_lawful_origins();
    expect_all_over();
  }
  std::string main;
};

}  // namespace sidetone::test
