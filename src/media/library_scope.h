// Marks calls into libraries that may allocate (WebRTC, libopus). Our own code in the 10 ms tick does not;
// the allocation test overrides operator new and lets it pass only inside such a scope.
#pragma once

namespace sidetone::media {

class LibraryScope {
 public:
  LibraryScope() { ++depth(); }
  ~LibraryScope() { --depth(); }
  LibraryScope(const LibraryScope&) = delete;
  LibraryScope& operator=(const LibraryScope&) = delete;
  [[nodiscard]] static bool inside() { return depth() > 0; }

 private:
  static int& depth() {
    thread_local int value = 0;
    return value;
  }
};

}  // namespace sidetone::media
