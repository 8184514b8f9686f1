"""What the doctor looks at in Proxmox, before a plan runs into it."""
