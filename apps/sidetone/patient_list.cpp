#include "patient_list.h"

#include <fmt/format.h>

#include <future>
#include <thread>

namespace sidetone::app {

Expected<std::vector<media::DeviceInfo>> list_devices_within(std::chrono::seconds patience) {
  std::promise<Expected<std::vector<media::DeviceInfo>>> found;
  auto answer = found.get_future();
  std::thread([found = std::move(found)]() mutable { found.set_value(media::list_devices()); }).detach();
  if (answer.wait_for(patience) == std::future_status::ready) return answer.get();
  return fail(Layer::device, Fault::timeout,
              fmt::format("the sound server has not answered for {} s", patience.count()),
              "it hangs: start it again (systemctl --user restart pipewire, or pulseaudio -k)");
}

}  // namespace sidetone::app
