// Scenarios on the wire: the world that faults befall, and the checkers that judge it.
#pragma once

#include "call_checks.h"
#include "scenario.h"
#include "wire.h"

namespace sidetone::test {

class WireWorld final : public FaultyWorld {
 public:
  explicit WireWorld(Wire& wire) : wire_(wire) {}
  void befall(Mishap mishap) override { wire_.mishap = mishap; }
  [[nodiscard]] std::size_t messages() const override { return wire_.crossings.size(); }
  [[nodiscard]] std::string ladder() const override { return wire_.ladder(); }
  std::string judge() override;
  // For scripts whose network is cut off for good: one side may then be up alone, as nobody told it.
  void allow_one_sided_calls() { one_sided_calls_ = true; }

 private:
  [[nodiscard]] std::vector<Watched> watched() const;
  void hang_up_everything();
  void check_nothing_left();
  template <typename... Args>
  void complain(fmt::format_string<Args...> text, Args&&... args) {
    found_ += fmt::format(text, std::forward<Args>(args)...) + "\n";
  }

  Wire& wire_;
  std::string found_;
  bool one_sided_calls_ = false;
};

class WireScenario : public Scenario {
 public:
  FaultyWorld& faulty_world() override { return world_; }

 protected:
  Wire wire;
  WireWorld world_{wire};
};

}  // namespace sidetone::test
