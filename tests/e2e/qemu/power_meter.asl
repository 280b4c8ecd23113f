// SPDX-License-Identifier: EUPL-1.2
// SPDX-FileCopyrightText: 2026 The greend authors
//
// An ACPI power meter (ACPI000D) that reads 150 W, for the kernel's own driver acpi_power_meter.
DefinitionBlock ("", "SSDT", 2, "GREEND", "PMTR", 1)
{
    Scope (\_SB)
    {
        Device (PMTR)
        {
            Name (_HID, "ACPI000D")
            Name (_UID, Zero)
            Method (_STA) { Return (0x0F) }
            // Measures only; mW; input; accuracy 95 %; sampled each second, averaged over 1 to 10 s.
            Name (_PMC, Package () { One, Zero, Zero, 95000, 1000, 1000, 10000, Zero, Zero, Zero, Zero,
                "test", "none", "greend" })
            Method (_PMM) { Return (150000) }
            Method (_GAI) { Return (1000) }
            Method (_PAI, 1) { Return (Zero) }
            Name (_PMD, Package () { })
        }
    }
}
