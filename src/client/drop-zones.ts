/** Which upload what is dropped, or pasted, is for. */
import { isUploadInput } from './upload-inputs.ts'

const dropTarget = 'phx-drop-target'

/** The input that a drop of folders is for, where they are opened: it takes several files. */
export function opensFolders({ target, dataTransfer }: DragEvent): HTMLInputElement | undefined {
  const input = zoneInput(target)
  if (input?.multiple !== true) return undefined
  return filesAmong(dataTransfer).some((item) => item.webkitGetAsEntry()?.isDirectory) ? input : undefined
}

/** Folders are files, too. */
export function filesAmong(given: DataTransfer | null): readonly DataTransferItem[] {
  return [...(given?.items ?? [])].filter(({ kind }) => kind === 'file')
}

/** The input of the drop target that `target` stands in. */
export function zoneInput(target: EventTarget | null): HTMLInputElement | undefined {
  const zone = target instanceof Element ? target.closest(`[${dropTarget}]`) : null
  return usable(zone && document.getElementById(zone.getAttribute(dropTarget)!))
}

/** That of the form that `target` stands in, where there is no other. */
export function onlyInput(target: Element): HTMLInputElement | undefined {
  const inputs = [...(target.closest('form')?.elements ?? [])].filter(isUploadInput)
  return inputs.length === 1 ? usable(inputs[0]!) : undefined
}

function usable(element: Element | null): HTMLInputElement | undefined {
  return isUploadInput(element) && !element.disabled ? element : undefined
}
