import assert from "node:assert/strict";
import { skipIf } from "@testing/skip.ts";
import type { DeviceReport } from "./testing/graphs_on_device.ts";

/** Vulkan on the CPU: Chromium's SwiftShader. Mesa's lavapipe lacks what Dawn asks for before version 23. */
const DRIVERS = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
];
const LOADERS = [
  "/usr/lib/x86_64-linux-gnu/libvulkan.so.1",
  "/usr/lib/aarch64-linux-gnu/libvulkan.so.1",
  "/usr/lib64/libvulkan.so.1",
  "/usr/lib/libvulkan.so.1",
];

const driver = DRIVERS.find(isFile);

Deno.test({
  name: "knnGraph() on WebGPU, over a Vulkan in software, is that of the CPU",
  ...skipIf(noVulkan()),
  async fn() {
    const command = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        "--no-check",
        new URL("testing/graphs_on_device.ts", import.meta.url).href,
      ],
      env: { ASSAY_DEVICE: "webgpu", VK_ICD_FILENAMES: driver! },
    });
    const { success, stdout, stderr } = await command.output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const report: DeviceReport = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(report.device, "webgpu");
    assert.deepEqual(
      report.graphs,
      ["cosine", "euclidean"].map((metric) => ({
        metric,
        method: "exact",
        shareOfOthers: 0,
        otherNeighbours: 0,
      })),
    );
  },
});

function noVulkan(): string | null {
  return driver && LOADERS.some(isFile)
    ? null
    : "no Vulkan in software: install chromium and libvulkan1 to test graphs on WebGPU";
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
