package soak

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"syscall"
)

// disk is a small file system in memory, which can be made full and wide again.
type disk struct{ folder string }

const wide = "size=2g" // memory is taken for what is in it only

// mountDisk mounts one, or returns nil where that is not permitted.
func mountDisk(ctx context.Context, folder string) *disk {
	if os.MkdirAll(folder, 0o700) != nil {
		return nil
	}
	if _, err := run(ctx, "mount", "-t", "tmpfs", "-o", wide, "granaio-soak", folder); err != nil {
		return nil
	}
	return &disk{folder}
}

func (d *disk) unmount() error {
	_, err := run(context.Background(), "umount", "-l", d.folder)
	return err
}

// fill leaves a few pages free, and then nothing is.
func (d *disk) fill(ctx context.Context) error {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(d.folder, &fs); err != nil {
		return fmt.Errorf("soak: %s: %w", d.folder, err)
	}
	used := int64(fs.Blocks-fs.Bfree)*int64(fs.Bsize) + rand.N[int64](256<<10)
	_, err := run(ctx, "mount", "-o", "remount,size="+strconv.FormatInt(used, 10), d.folder)
	return err
}

func (d *disk) widen(ctx context.Context) error {
	_, err := run(ctx, "mount", "-o", "remount,"+wide, d.folder)
	return err
}

// canLimit tells whether the size of a process's files can be limited while it runs.
func canLimit() bool {
	_, err := exec.LookPath("prlimit")
	return err == nil
}

// limit lets no file of a server grow past a size in bytes, and writes nothing beyond it in those that have; "unlimited" ends that. It is the soft
// limit, which needs no rights to be raised again. Go ignores the signal that comes with it, so that the write fails (EFBIG).
func (s *server) limit(ctx context.Context, size string) error {
	_, err := run(ctx, "prlimit", "--pid", strconv.Itoa(s.command.Process.Pid), "--fsize="+size+":")
	return err
}
